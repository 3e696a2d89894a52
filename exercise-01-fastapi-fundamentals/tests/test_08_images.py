"""Task 1.8: images instead of features, also from people who mean harm."""

import itertools
import time

import broken_images
import images
import numpy as np
import pytest

from servelab.grading.isolation.limit import MIB
from servelab.grading.marks import task

URL = "/v1/models/digits/images"
PNG = {"content-type": "image/png"}
ROOMY = {"SERVICE_IMAGE_MAX_PIXELS": str(1 << 23)}
ROOMY_MEMORY_MIB = 384
LONGEST_SILENCE = 0.5
ROUNDING = 0.05  # a grey may be rounded to 8 bits on its way: 16 / 255 / 2, and some room

FORMATS = {
    "rgb": images.rgb,
    "transparent-ink": images.white_with_alpha,
    "grey-and-alpha": images.grey_with_alpha,
    "palette": images.palette,
    "palette-with-transparency": images.palette_with_transparency,
    "16-bit": images.grey_of_16_bits,
}
ODDITIES = {
    "text-bomb": lambda picture: images.with_text_bomb(picture, 8 * MIB),
    "animation": images.animated,
}
SCALES = {"2x2": (2, 2), "6x4": (6, 4), "32x32": (32, 32)}


@pytest.fixture
def picture(rows):
    """A digit as a picture: 8 x 8 greys, white ink on black."""
    return np.rint(np.asarray(rows["digits"][0]).reshape(8, 8) * 255 / 16).astype(np.uint8)


@pytest.fixture
def roomy(submission, settings, socket_folder):
    """A service that takes images of 8 megapixels, but has little memory."""

    def start():
        with submission.with_limits(memory_mib=ROOMY_MEMORY_MIB):
            return submission.serve(env=settings | ROOMY, binds=[socket_folder])

    return submission.keep("roomy", start)


def upload(service, content, url=URL):
    """Send the bytes of an image as the body."""
    return service.client.post(url, content=content, headers=PNG)


def require_accepted(service, picture):
    """A service that refuses everything refuses bad images for the wrong reason."""
    reply = upload(service, images.grey(picture))

    assert 201 == reply.status_code, f"POST {URL} with a good image makes a prediction; see hint 1.8"


def wrongly_seen(model, picture):
    """Return the first pixels whose number, 0..255 scaled to 0..16, the model's last call did not have."""
    if not model.calls:
        return {"the model": "was not called"}
    pairs = zip(picture.astype(float).ravel() * 16 / 255, model.calls[-1].instances[0].tolist(), strict=True)
    wrong = {
        f"row {place // 8}, column {place % 8}": f"{seen:.2f} instead of {meant:.2f}"
        for place, (meant, seen) in enumerate(pairs)
        if abs(meant - seen) > ROUNDING
    }
    return dict(itertools.islice(wrong.items(), 3))


@task("1.8")
def test_an_image_gives_the_prediction_of_its_pixels(service, models, picture, expected):
    """A client with a picture should not have to know what numbers the model was trained on."""
    reply = upload(service, images.grey(picture))

    assert 201 == reply.status_code, f"POST {URL} with a good image makes a prediction; see hint 1.8"
    assert {} == wrongly_seen(models["digits"], picture), (
        "the features that the model got for 8 x 8 greys: 0..255 is scaled to minimum..maximum; see hint 1.8"
    )
    said = {key: reply.json().get(key) for key in ("label", "probabilities")}
    seen = models["digits"].calls[-1].instances[0].tolist()
    assert expected("digits", seen) == said, "what the model answered, and what the client was told"


@task("1.8")
def test_an_image_makes_a_prediction_like_any_other(service, models, picture):
    """What can be done with a prediction should not depend on how its input arrived."""
    created = upload(service, images.grey(picture))
    read = service.client.get(created.headers.get("location", "/no-location-header"))

    assert 201 == created.status_code, f"POST {URL} with a good image makes a prediction; see hint 1.8"
    assert (200, created.json()) == (read.status_code, read.json()), "GET what Location says"
    assert ["digits", models["digits"].signature.version, None] == [
        created.json().get(key, "missing") for key in ("model", "model_version", "feedback")
    ], "model, model_version and feedback of a prediction that was made from an image; see hint 1.8"


@task("1.8")
def test_a_form_gives_the_same_prediction_as_a_body(service, models, picture):
    """A browser sends files in forms, a program sends them as the body: both hold the same picture."""
    content = images.grey(picture)

    replies = [
        upload(service, content),
        service.client.post(URL, files={"file": ("digit.png", content, "image/png")}),
    ]

    assert [201, 201] == [reply.status_code for reply in replies], (
        "the image as the body, and in the field 'file' of multipart/form-data; see hint 1.8"
    )
    assert {} == wrongly_seen(models["digits"], picture), (
        "the features that the model got for the form; see hint 1.8"
    )
    answers = [reply.json()["probabilities"] for reply in replies]
    assert answers[0] == answers[1], "the same file both times"


@task("1.8")
@pytest.mark.parametrize("kind", FORMATS)
def test_how_the_pixels_are_stored_does_not_matter(service, models, picture, kind):
    """People see the same digit whatever the drawing program made of it, and so should the model."""
    reply = upload(service, FORMATS[kind](picture))

    assert 201 == reply.status_code, f"the picture stored as {kind}; see hint 1.8"
    assert {} == wrongly_seen(models["digits"], picture), (
        f"the features that the model got for the picture stored as {kind}: transparent parts lie on black, "
        "and white is the model's maximum; see hint 1.8"
    )


@task("1.8")
@pytest.mark.parametrize("scale", SCALES)
def test_a_larger_image_is_averaged_over_areas(service, models, picture, scale):
    """Every pixel of a scan carries ink; picking single pixels out of it makes a digit of noise."""
    reply = upload(service, images.checkered(picture, *SCALES[scale]))

    assert 201 == reply.status_code, f"each pixel enlarged to {scale}; see hint 1.8"
    assert {} == wrongly_seen(models["digits"], picture), (
        f"each pixel was enlarged to {scale} pixels that alternate around its value: the mean of each area "
        "counts; see hint 1.8"
    )


@task("1.8")
def test_the_number_of_pixels_is_limited(service, models, picture):
    """Memory and time grow with the pixels, not with the bytes that the client had to send."""
    require_accepted(service, picture)
    largest, too_large = upload(service, images.black(256, 256)), upload(service, images.black(257, 256))

    assert [201, 422] == [largest.status_code, too_large.status_code], (
        "SERVICE_IMAGE_MAX_PIXELS is 65536: images of 256 x 256 and of 257 x 256 pixels; see hint 1.8"
    )
    assert 2 == len(models["digits"].calls), "an image that is refused must not reach the model"


@task("1.8")
@pytest.mark.parametrize("claim", broken_images.OTHER_THINGS)
def test_what_is_no_png_is_415(service, models, picture, claim):
    """Decoders of rare formats are where the security holes are: only what was promised gets to a decoder."""
    require_accepted(service, picture)
    declared, as_form, content = broken_images.OTHER_THINGS[claim]
    content = content or images.grey(picture)

    if as_form:
        reply = service.client.post(URL, files={"file": ("digit.png", content, declared)})
    else:
        reply = service.client.post(URL, content=content, headers={"content-type": declared})

    assert 415 == reply.status_code, "it must call itself image/png and also be a PNG image; see hint 1.8"
    assert 1 == len(models["digits"].calls), "only the good image should have reached the model"


@task("1.8")
@pytest.mark.parametrize("damage", broken_images.DAMAGES)
def test_a_broken_image_is_422(service, models, picture, damage):
    """Uploads break off all the time; that is no fault of the service and must not look like one."""
    require_accepted(service, picture)

    reply = upload(service, broken_images.broken(images.grey(picture))[damage])

    assert 422 == reply.status_code, "a PNG by type and signature that can't be decoded; see hint 1.8"
    assert 1 == len(models["digits"].calls), "only the good image should have reached the model"


@task("1.8")
@pytest.mark.parametrize("bomb", broken_images.ABSURD)
def test_an_image_of_absurd_size_is_422(service, picture, bomb):
    """A few bytes can claim gigapixels; decoders defend themselves against that with errors of their own."""
    require_accepted(service, picture)

    reply = upload(service, broken_images.ABSURD[bomb])

    assert 422 == reply.status_code, "more pixels than SERVICE_IMAGE_MAX_PIXELS; see hint 1.8"
    require_accepted(service, picture)


@task("1.8")
@pytest.mark.parametrize("oddity", ODDITIES)
def test_what_comes_with_the_pixels_never_breaks_the_service(service, models, picture, oddity):
    """Comments and further frames are nobody's business: the picture counts, or the image is refused."""
    require_accepted(service, picture)

    reply = upload(service, ODDITIES[oddity](picture))

    assert reply.status_code in (201, 415, 422), (
        f"a PNG with more in it than one picture is taken or refused, no {reply.status_code}; see hint 1.8"
    )
    if reply.status_code == 201:
        assert {} == wrongly_seen(models["digits"], picture), "when it is taken, the first picture counts"


@task("1.8")
def test_decoding_holds_nobody_up(roomy, models, picture):
    """One client's large picture must not stop everybody else's requests, nor the probes."""
    service = roomy
    require_accepted(service, picture)
    # A busy machine can hold up one try; decoding on the event loop holds up all of them.
    quick = any(_longest_silence(service, models["digits"]) < LONGEST_SILENCE for _ in range(3))

    assert quick, (
        "while an image of 8 megapixels was decoded, GET /v1/models went unanswered for most of the time; "
        "see hint 1.8"
    )


@task("1.8")
def test_a_bomb_is_never_unpacked(roomy, models, picture):
    """One small file must not take all the memory; the answer comes too late when the memory is gone."""
    service = roomy
    require_accepted(service, picture)

    reply = upload(service, images.black(9_400, 9_400))

    assert 422 == reply.status_code, (
        "11 kB of PNG hold 88 megapixels, more than SERVICE_IMAGE_MAX_PIXELS: refuse them before they are "
        "unpacked; see hint 1.8"
    )
    require_accepted(service, picture)
    assert 2 == len(models["digits"].calls), "only the good images should have reached the model"


def _longest_silence(service, model):
    """Return the longest time without an answer to a probe, as a share of the time until the model's call."""
    before = len(model.calls)
    with service.in_background(lambda client: client.post(URL, content=LARGE, headers=PNG)) as decoding:
        started = last = time.monotonic()
        longest = 0.0
        while len(model.calls) == before and not decoding.done:
            service.client.get("/v1/models")
            now = time.monotonic()
            longest, last = max(longest, now - last), now
        whole = time.monotonic() - started
        assert 201 == decoding.result().status_code, (
            "POST an image of 8 megapixels, as SERVICE_IMAGE_MAX_PIXELS allows"
        )
    return longest / whole


LARGE = images.black(2896, 2896)


@task("1.8")
def test_a_model_without_image_shape_takes_no_images(service, models, picture):
    """The tumour model knows no pictures; guessing numbers from one would be worse than no answer."""
    require_accepted(service, picture)

    replies = [
        upload(service, images.grey(picture), f"/v1/models/{name}/images") for name in ("tumour", "letters")
    ]

    assert [422, 404] == [reply.status_code for reply in replies], (
        "POST an image to a model whose image_shape is null, and to a model that there is not; see hint 1.8"
    )
    assert 0 == len(models["tumour"].calls), "the tumour model must not be called"


@task("1.8")
@pytest.mark.parametrize("lack", broken_images.WITHOUT_IMAGE)
def test_a_request_without_an_image_is_the_clients_mistake(service, picture, lack):
    """Whoever builds a client forgets the file at first, and needs to be told so."""
    require_accepted(service, picture)

    reply = service.client.post(URL, **broken_images.WITHOUT_IMAGE[lack])

    assert reply.status_code in (400, 415, 422), (
        f"there is no image in the request, it is no {reply.status_code}; see hint 1.8"
    )
