"""Prints what would change a terminal, a web page or a spreadsheet, then fails with more of it."""

PAYLOAD = (
    "\x1b[2J\x1b[1;1H\x1b[32mPASSED\x1b[0m\x1b]0;title\x07 </pre><script>document.title='25'</script>"
    "<img src=x onerror=alert(25)> =HYPERLINK('http://127.0.0.1/') @SUM(1+1) \u202edessap\u2066 \r100/100"
)
print(PAYLOAD)
print("pa\x1b[31ms\x1b[0msed-25", flush=True)
raise RuntimeError(PAYLOAD)
