"""One function a family: the fields of a small random configuration, as transformers' class names them."""

families = {}
encoders = set()
# The largest difference of logits in float32 that is allowed; the finer one where a wrong epsilon shows as little as that.
fine_tolerance = {"gemma3_text", "phi", "gpt_neox", "gptj"}


def family(function):
    families[function.__name__] = function
    return function


def encoder(name: str):
    """A family whose models make vectors of texts, with a name that need be none in Python."""
    def add(function):
        families[name] = function
        encoders.add(name)
        return function

    return add


def tolerance(name: str) -> float:
    # Of vectors of length one.
    if name in encoders:
        return 2e-5
    return 1e-4 if name in fine_tolerance else 2e-4
