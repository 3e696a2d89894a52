# TODO(task 1.12), file: a black-box suite that passes on a good service and fails on a wrong one
# end task 1.12
