"""One function a family: the fields of a small random configuration, as transformers' class names them."""

families = {}
# The largest difference of logits in float32 that is allowed; the finer one where a wrong epsilon shows as little as that.
fine_tolerance = {"gemma3_text", "phi", "gpt_neox", "gptj"}


def family(function):
    families[function.__name__] = function
    return function


def tolerance(name: str) -> float:
    return 1e-4 if name in fine_tolerance else 2e-4
