# shellcheck shell=bash disable=SC2016,SC2034,SC2154,SC2164
# ./dev bench: builds the benchmarks with the release preset and prints their tables, peers included.
# shellcheck source=tools/python.sh
. "$here/tools/python.sh"

bench_usage() {
    cat <<TXT
usage: ./dev bench NAME [ARGS]     without NAME: all of them

  engine [FOLDER] [--threads N]    load, prefill and decode of a model folder, beside transformers; without FOLDER a Llama of half a
                                   billion random weights. Fetches torch, transformers and bitsandbytes on first use (3 GB)
  quality [FOLDER] [--threads N]   perplexity of a model folder in float32, as stored, Q8 and Q4, beside transformers and bitsandbytes
                                   with the very files that miLLM wrote; without FOLDER the sample model
  download [ARGS]                  a download from a Hub on this machine, beside curl and sha256sum
  server [ARGS]                    the HTTP server under load
  window [--seconds N]             the window's frames while everything moves, its first one, and what a click waits for; needs a
                                   display (QT_QPA_PLATFORM=offscreen QT_QUICK_BACKEND=software where there is none)
  soak [--minutes N]               an hour of clients of every kind beside downloads, loads and deletions: memory, open files, threads
  load URL [URL…] [ARGS]           many clients at once on OpenAI servers that run already, the first one's ratio to the others

MILLM_PEERS=0 leaves the peers out.
TXT
}

# The real Python libraries, for the programs that python3 runs with PYTHONPATH=$packages.
need_peers() {
    packages=$cache/peers:$cache/cuda
    wheels "$cache/cuda" "$here/tools/cuda/requirements.txt"
    wheels "$cache/peers" "$here/tools/peers/requirements.txt"
}

bench_engine() {
    local folder=${1:-} packages peers=${MILLM_PEERS:-1}
    [ $# -eq 0 ] || shift
    build_targets bench_engine
    if [ "$peers" = 1 ] || [ -z "$folder" ]; then need_peers; fi
    if [ -z "$folder" ]; then
        folder=$cache/bench-model
        [ -e "$folder/config.json" ] || inside env PYTHONPATH="$packages" python3 "$here/tools/peers/make_model.py" "$folder" >"$folder.log" 2>&1 ||
            { tail -20 "$folder.log" >&2; die "making the model failed: $folder.log"; }
    fi
    {
        inside "$build/bin/bench_engine" "$folder" "$@"
        [ "$peers" != 1 ] || inside env PYTHONPATH="$packages" python3 "$here/bench/engine/peer_transformers.py" "$folder" "$@"
    } | one_table
}

bench_quality() {
    local folder=${1:-$here/resources/sample-model} out=$build/quality packages
    [ $# -eq 0 ] || shift
    build_targets bench_quality
    [ "${MILLM_PEERS:-1}" = 0 ] || need_peers
    inside "$build/bin/bench_quality" "$folder" "$here/tests/fixtures/sample-model/eval.txt" "$out" "$@"
    [ "${MILLM_PEERS:-1}" = 0 ] || inside env PYTHONPATH="$packages" python3 "$here/bench/engine/peer_quality.py" "$folder" "$out" "$@"
}

# Tables of several programs, each after a line that says which and how, as one table with the program in front.
one_table() {
    awk '
        /^(miLLM|transformers)/ { program = $1; sub(":", "", program); how[++n] = $0; next }
        /^threads:/ { how[++n] = $0; next }
        /^weights / { if (!head++) line[++rows] = sprintf("%-13s %s", "program", $0); next }
        { line[++rows] = sprintf("%-13s %s", program, $0) }
        END { for (i = 1; i <= n; ++i) print how[i]; print ""; for (i = 1; i <= rows; ++i) print line[i] }'
}

verb_bench() {
    preset=release build=${MILLM_BUILD_DIR:-$here/build/release}
    local name=${1:-}
    [ $# -eq 0 ] || shift
    case "$name" in
        --help) bench_usage;;
        engine|quality) "bench_$name" "$@";;
        soak) build_targets millm; cd "$here"; become python3 -B "$here/bench/server/soak.py" "$build/bin/millm" "$@";;
        load) inside python3 "$here/bench/server/load.py" "$@";;
        download|server|window) build_targets "bench_$name"; cd "$here"; become "$build/bin/bench_$name" "$@";;
        "") for name in engine quality download server; do say "$name"; "$here/dev" bench "$name"; done;;
        *) bench_usage >&2; exit 2;;
    esac
}
