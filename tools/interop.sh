# shellcheck shell=bash disable=SC2016,SC2034,SC2154,SC2164
# ./dev interop: the engine beside the living reference, transformers (tools/interop, docs/interop.md).
# shellcheck source=tools/python.sh
. "$here/tools/python.sh"

interop_usage() {
    cat <<TXT
usage: ./dev interop [OPTIONS]     random small models of every family that the engine has, made and computed by transformers, opened
                                   by the engine: logits, greedy tokens, 16 bits, 8 and 4 bits. Fetches the reference on first use
                                   (3 GB, shared with ./dev bench and ./dev cuda)
       ./dev interop --text        random texts and conversations through the tests' tokenizers and templates
       ./dev interop --model DIR   a model folder as it is: its tokenizer, its template, what it computes and answers
       ./dev interop python ARGS   Python with the reference's packages

  --family NAME    only this model_type; may be given more than once
  --cases N        how many cases over all families (500)
  --seed S         of each family's first case (0); the same seed is the same model
  --small          models of a fixture's size
  --jobs N         processes (the cores)
  --fixture NAME   write the case of --family and --seed as tests/fixtures/models/NAME
  --list           what transformers calls ...ForCausalLM, and which of it the engine has
  --write          write docs/families.md from what was compared
TXT
}

verb_interop() {
    if [ "${1:-}" = --help ]; then interop_usage; return; fi
    wheels "$cache/cuda" "$here/tools/cuda/requirements.txt"
    wheels "$cache/peers" "$here/tools/peers/requirements.txt"
    wheels "$cache/interop" "$here/tools/interop/requirements.txt"
    # Two processes of one thread each are sooner done than one of two: the models are tiny.
    local python=(env PYTHONDONTWRITEBYTECODE=1 HF_HUB_OFFLINE=1 OMP_NUM_THREADS="${OMP_NUM_THREADS:-1}"
        PYTHONPATH="$here/tools:$cache/interop:$cache/peers:$cache/cuda" python3)
    if [ "${1:-}" = python ]; then become "${python[@]}" "${@:2}"; fi
    build_targets millm_probe
    become "${python[@]}" -m interop --program "$build/bin/millm_probe" --project "$here" --vocabularies "$cache/npm-vocabularies" "$@"
}
