# shellcheck shell=bash disable=SC2016,SC2034,SC2154,SC2164
# ./dev bench: builds the benchmarks with the release preset and prints their tables, peers included.
# shellcheck source=tools/python.sh
. "$here/tools/python.sh"

bench_usage() {
    cat <<TXT
usage: ./dev bench [--write] NAME [ARGS]     without NAME: those marked *, one after the other

--write puts the table into docs/benchmarks.md too, with the date, the commit and the processor.

* kernels [OUT IN [LEVEL]]         each kernel at each level of this machine beside a plain read loop: products, attention, quantizing
* beside [OPTIONS]                 miLLM beside llama.cpp, in turn on this machine: random Llamas of two sizes, one thread and all, 16, 8 and 4
                                   bits; load, unload, decode as a share of what memory gives, 8k and 32k of context, sequences side by side,
                                   loads of the shapes of gemma-2. Two hours on two cores. --sizes "0.5b 1b", --threads "1 2",
                                   --contexts "8192 32768", --sequences "1 4 16 64", --loads "gemma-2-2b gemma-2-9b" choose less; llama.cpp
                                   comes from Debian's testing suite, into a root of its own
* engine [FOLDER] [--threads N]    load, prefill and decode of a model folder, beside transformers; without FOLDER a Llama of half a
                                   billion random weights. Fetches torch, transformers and bitsandbytes on first use (3 GB)
* quality [FOLDER] [--threads N]   perplexity of a model folder in float32, as stored, Q8 and Q4, beside transformers and bitsandbytes
                                   with the very files that miLLM wrote; without FOLDER the sample model
* download [ARGS]                  a download from a Hub on this machine, beside curl and sha256sum
* server [ARGS]                    the HTTP server under load
* window [--seconds N]             the window's frames while everything moves, its first one, and what a click waits for
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

# The Llama of random weights of that size, and with a second argument the same for llama.cpp; sets $folder.
make_bench_model() {
    folder=$cache/bench-models/$1
    [ ! -e "$folder/model.safetensors" ] || { [ -n "${2:-}" ] && [ ! -e "$folder.gguf" ]; } || return 0
    mkdir -p "$cache/bench-models"
    say "making the model of $1 random weights"
    in_llama python3 "$here/tools/peers/make_model.py" "$folder" --size "$1" ${2:+--gguf "$folder.gguf"} >"$folder.log" 2>&1 ||
        { tail -20 "$folder.log" >&2; die "making the model failed: $folder.log"; }
}

# CMD in the root that llama.cpp lives in. Debian's testing suite is signed with keys that the Debian 13 root has.
in_llama() {
    in_root || { "$@"; return; }
    make_root
    local keyring=$root/usr/share/keyrings/debian-archive-keyring.gpg
    (
        root=$cache/llama.cpp-root suite=testing keyring=$keyring
        need_packages mount llama.cpp llama.cpp-tools python3-gguf python3-numpy && enter "$@"
    )
}

bench_engine() {
    local folder=${1:-} packages peers=${MILLM_PEERS:-1}
    [ $# -eq 0 ] || shift
    build_targets bench_engine
    [ -n "$folder" ] || make_bench_model 0.5b
    [ "$peers" != 1 ] || need_peers
    {
        inside "$build/bin/bench_engine" "$folder" "$@"
        [ "$peers" != 1 ] || inside env PYTHONPATH="$packages" python3 "$here/bench/engine/peer_transformers.py" "$folder" "$@"
    } | one_table
}

# One row of ours for the beside tables, of $folder; the same of llama.cpp's of a kind ("" is as stored).
beside_ours() { inside "$build/bin/bench_engine" "$folder" --json "$@" | sed "s/^{/{\"size\": \"$size\", /" | tee -a "$rows" >&2; }
beside_theirs() {
    local file=$folder${1:+-$1}.gguf
    shift
    in_llama llama-bench -m "$file" -o jsonl "$@" 2>/dev/null |
        sed "s/^{/{\"program\": \"llama.cpp\", \"size\": \"$size\", \"file\": \"${file##*/}\", /" >>"$rows"
}

make_beside_model() {
    local kind
    make_bench_model "$size" gguf
    for kind in Q8_0 Q4_0 Q4_K_M; do
        [ -e "$folder-$kind.gguf" ] || { in_llama llama-quantize "$folder.gguf" "$folder-$kind.part" $kind >"$folder.log" 2>&1 && mv "$folder-$kind.part" "$folder-$kind.gguf"; } ||
            { tail -20 "$folder.log" >&2; die "quantizing for llama.cpp failed: $folder.log"; }
    done
}

# Each row of ours is followed by the peer's, so that both meet the same machine.
bench_beside() {
    local sizes="0.5b 1b" threads contexts="8192 32768" sequences="1 4 16 64" loads="gemma-2-2b gemma-2-9b" folder size count bits kind kinds context rows=$build/beside.jsonl
    threads=$(printf '%s\n' 1 "$jobs" | sort -un | tr '\n' ' ')
    while [ $# -gt 1 ]; do
        case $1 in
            --sizes) sizes=$2;; --threads) threads=$2;; --contexts) contexts=$2;; --sequences) sequences=$2;; --loads) loads=$2;;
            *) bench_usage >&2; exit 2;;
        esac
        shift 2
    done
    build_targets bench_engine
    : >"$rows"
    for size in $sizes ${contexts:+long} ${sequences:+0.5b}; do make_beside_model; done
    for size in $loads; do make_bench_model "$size"; done
    for size in $sizes; do
        make_bench_model "$size" gguf
        for count in $threads; do
            say "$size, $count threads"
            for bits in 16 8 4; do
                beside_ours --weights $bits --threads "$count"
                beside_ours --weights $bits --threads "$count" --prompt 1
                case $bits in 16) kinds=("");; 8) kinds=(Q8_0);; 4) kinds=(Q4_0 Q4_K_M);; esac
                for kind in "${kinds[@]}"; do
                    beside_theirs "$kind" -r 3 -t "$count" -p 512 -n 128
                    beside_theirs "$kind" -r 2 -t "$count" -p 0 -n 128 -d 512
                done
            done
        done
    done
    size=long folder=$cache/bench-models/long
    for context in $contexts; do
        say "$context tokens of context"
        beside_ours --weights 4 --prompt "$context" --new 32 --rounds 1
        beside_theirs Q4_0 -r 1 -t "$jobs" -p "$context" -n 0 -fa 0,1
        beside_theirs Q4_0 -r 1 -t "$jobs" -p 0 -n 32 -d "$context" -fa 0,1
    done
    size=0.5b folder=$cache/bench-models/0.5b
    for bits in ${sequences:+16 8 4}; do
        say "sequences side by side, $bits bits"
        for count in $sequences; do beside_ours --weights $bits --sequences "$count" --prompt 128 --new 64 --rounds 2; done
    done
    for size in $loads; do
        say "loads of $size"
        folder=$cache/bench-models/$size
        beside_ours --weights 4 --rounds 0
    done
    inside python3 "$here/bench/engine/beside.py" "$rows"
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
    if [ "${1:-}" = --write ]; then
        shift
        [ $# -gt 0 ] || { for name in "${bench_tables[@]}"; do "$here/dev" bench --write "$name"; done; return; }
        verb_bench "$@" | tee /dev/stderr | python3 -B "$here/bench/write_table.py" "$here/docs/benchmarks.md" "$1" "./dev bench $*"
        return
    fi
    local name=${1:-}
    [ $# -eq 0 ] || shift
    case "$name" in
        --help) bench_usage;;
        engine|beside|quality) "bench_$name" "$@";;
        soak) build_targets millm; cd "$here"; become python3 -B "$here/bench/server/soak.py" "$build/bin/millm" "$@";;
        load) inside python3 "$here/bench/server/load.py" "$@";;
        window) without_display; bench_program "$name" "$@";;
        kernels|download|server) bench_program "$name" "$@";;
        "") for name in "${bench_tables[@]}"; do say "$name"; "$here/dev" bench "$name"; done;;
        *) bench_usage >&2; exit 2;;
    esac
}

bench_tables=(kernels beside engine quality download server window)

bench_program() {
    local name=$1
    shift
    build_targets "bench_$name"
    cd "$here"
    inside "$build/bin/bench_$name" "$@"
}

# A window is drawn into memory where there is no display.
without_display() {
    [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] || export QT_QPA_PLATFORM=${QT_QPA_PLATFORM:-offscreen} QT_QUICK_BACKEND=${QT_QUICK_BACKEND:-software}
}
