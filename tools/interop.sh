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
       ./dev interop --packed      random small models packed as other programs do: FP8, MXFP4, NVFP4, compressed-tensors, GPTQ, AWQ
       ./dev interop --model DIR   a model folder as it is: its tokenizer, its template, what it computes and answers
       ./dev interop clients [PART…] [PYTEST ARGS]
                                   what clients of the server are written with, unmodified, against the real program and a small chat
                                   model: openai, langchain, llamaindex, pydantic_ai, schemathesis, lm_eval (this one wants the
                                   reference, too); without PART all of them. Fetches 350 MB on first use
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

# interop_clients [PART…] [PYTEST ARGS]
interop_clients() {
    local folder=$here/tests/interop/clients part parts=() packages=$cache/clients
    while [ -e "$folder/test_${1:-}.py" ]; do parts+=("$folder/test_$1.py"); shift; done
    case ${1:-} in ''|-*) ;; *) die "interop clients: no part '$1'; there are: $(cd "$folder" && ls test_*.py | sed 's/test_//;s/.py//' | tr '\n' ' ')";; esac
    wheels "$cache/clients" "$folder/requirements.txt"
    # Only the harness's other side computes with torch.
    case "${parts[*]:-lm_eval}" in *lm_eval*)
        wheels "$cache/cuda" "$here/tools/cuda/requirements.txt"
        wheels "$cache/peers" "$here/tools/peers/requirements.txt"
        packages+=:$cache/peers:$cache/cuda;;
    esac
    build_targets millm
    # Written once, and anew where it is written otherwise.
    local model
    model=$cache/chat-model-$(sha256sum <"$folder/chat_model.py" | cut -c1-8)
    become env PYTHONDONTWRITEBYTECODE=1 HF_HUB_OFFLINE=1 HF_DATASETS_OFFLINE=1 PYTHONPATH="$packages" MILLM_PROGRAM="$build/bin/millm" \
        MILLM_CHAT_MODEL="$model" python3 -m pytest -p no:cacheprovider -c "$folder/pytest.ini" "${parts[@]:-$folder}" "$@"
}

verb_interop() {
    if [ "${1:-}" = --help ]; then interop_usage; return; fi
    if [ "${1:-}" = clients ]; then interop_clients "${@:2}"; return; fi
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
