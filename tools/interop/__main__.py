"""The engine beside transformers: `./dev interop --help`."""

import argparse
import concurrent.futures
import os
import pathlib
import sys
import time

probe = None


def arguments():
    parser = argparse.ArgumentParser(prog="./dev interop",
                                     description="Small random models that transformers makes, computed by both.")
    parser.add_argument("--family", action="append",
                        help="only this one, as config.json's model_type names it; may be given more than once")
    parser.add_argument("--cases", type=int, default=500, help="how many, over all families that the engine has (500)")
    parser.add_argument("--seed", type=int, default=0,
                        help="of the first case of each family (0); the same one gives the same case")
    parser.add_argument("--small", action="store_true", help="models of a fixture's size")
    parser.add_argument("--jobs", type=int, default=int(os.environ.get("MILLM_JOBS") or os.cpu_count() or 1),
                        help="processes (the cores)")
    parser.add_argument("--text", action="store_true",
                        help="texts and conversations instead of models: --cases of each tokenizer and template")
    parser.add_argument("--packed", action="store_true",
                        help="models whose linear layers other programs packed: --cases of all forms in turn")
    parser.add_argument("--model", metavar="FOLDER", help="a model folder as it is instead of small random ones")
    parser.add_argument("--fixture", metavar="NAME", help="write the case --family --seed --small as tests/fixtures/models/NAME")
    parser.add_argument("--list", action="store_true",
                        help="what transformers calls ...ForCausalLM, and which of it the engine has")
    parser.add_argument("--write", action="store_true",
                        help="write docs/families.md from what was compared (with --list: without comparing)")
    parser.add_argument("--program", help=argparse.SUPPRESS)
    parser.add_argument("--project", help=argparse.SUPPRESS)
    parser.add_argument("--vocabularies", default="none", help=argparse.SUPPRESS)
    return parser.parse_args()


def start(program: str) -> None:
    global probe
    from .engine import Probe

    probe = Probe(program)


def one(family: str, seed: int, small: bool):
    from .cases import Outcome, compare

    try:
        return compare(probe, family, seed, small)
    except Exception as error:  # noqa: BLE001: the reference's own, of many classes; it must not end the other cases
        return Outcome(family, seed, wrong=[f"{type(error).__name__}: {error}"])


def spread(names: list, first: int, count: int) -> list:
    """(family, seed) of each case, the families in turn."""
    return [(names[place % len(names)], first + place // len(names)) for place in range(count)]


def run(options, names: list) -> list:
    outcomes, began = [], time.monotonic()
    with concurrent.futures.ProcessPoolExecutor(options.jobs, initializer=start, initargs=(options.program,)) as pool:
        running = [pool.submit(one, family, seed, options.small) for family, seed in spread(names, options.seed, options.cases)]
        for done in concurrent.futures.as_completed(running):
            outcome = done.result()
            outcomes.append(outcome)
            if outcome.wrong:
                small = " --small" if options.small else ""
                print(f"./dev interop --family {outcome.family} --seed {outcome.seed} --cases 1{small}   ({outcome.form})", flush=True)
                print("\n".join(f"    {wrong}" for wrong in outcome.wrong[:4]), flush=True)
                if options.cases == 1:
                    print(f"    {outcome.fields}", flush=True)
            # A line that is written over on a terminal, a line now and then in a log.
            seen = sys.stderr.isatty()
            if seen or len(outcomes) % 50 == 0:
                print(f"\r{len(outcomes)} of {options.cases} cases, {time.monotonic() - began:.0f} s", end="" if seen else "\n", file=sys.stderr, flush=True)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    return outcomes


def texts(options) -> int:
    from .text import compare

    texts, conversations, wrong = compare(probe, pathlib.Path(options.project), pathlib.Path(options.vocabularies), options.seed,
                                          options.cases)
    print("\n".join(wrong))
    print(f"{texts} texts, {conversations} conversations, {len(wrong)} answers differ")
    return 1 if wrong else 0


def packed_models(options) -> int:
    from .packed import run

    lines, wrong = run(probe, options.seed, options.cases)
    print("\n".join(lines + wrong))
    print(f"{len(lines)} packed models, {len(wrong)} differ")
    return 1 if wrong else 0


def model_folder(options) -> int:
    from .folder import compare

    lines, wrong = compare(probe, pathlib.Path(options.model).resolve(), options.seed, options.cases)
    print("\n".join(lines + wrong))
    return 1 if wrong else 0


def main() -> int:
    options = arguments()
    from . import report
    from .families import families

    if options.fixture:
        if not options.family or len(options.family) != 1:
            sys.exit("--fixture wants one --family")
        from .fixtures import write

        folder = pathlib.Path(options.project) / "tests/fixtures/models" / options.fixture
        why_not = write(folder, options.family[0], options.seed, options.small)
        print(why_not and f"no good fixture: {why_not}" or folder)
        return 1 if why_not else 0
    start(options.program)
    if options.text:
        return texts(options)
    if options.packed:
        return packed_models(options)
    if options.model:
        return model_folder(options)
    known = probe.families()
    probe.close()
    unknown = [name for name in options.family or [] if name not in families]
    if unknown:
        sys.exit(f"no draws for {', '.join(unknown)} in tools/interop/families")
    if options.list and not options.write:
        print(report.listing(known))
        return 0
    names = options.family or [name for name in families if name in known]
    for name in known:
        if name not in families:
            print(f"{name}: the engine has it, tools/interop/families does not")
    outcomes = run(options, names)
    print(report.table(outcomes))
    if options.write:
        path = pathlib.Path(options.project) / "docs/families.md"
        path.write_text(report.document(known, outcomes))
        print(path)
    return 1 if any(outcome.wrong for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
