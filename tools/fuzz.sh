# shellcheck shell=bash disable=SC2016,SC2034,SC2154,SC2164
# ./dev fuzz: the doors of what strangers wrote (tests/fuzz), under libFuzzer with the address and undefined-behaviour sanitizers.

fuzz_targets() { sed -n 's/^ *millm_fuzz_target(\([a-z_]*\) .*/\1/p' "$here/tests/fuzz/CMakeLists.txt"; }

fuzz_usage() {
    cat <<TXT
usage: ./dev fuzz [TARGET|all] [SECONDS]    lets a target (tests/fuzz/TARGET.cpp) meet changed inputs for SECONDS (60), and says how
                                        many it met and which lines they reached; all: one after the other. Without TARGET: their names
       ./dev fuzz TARGET FILE           one input alone

Clang is added to the root on first use. What was learnt stays in $here/build/fuzz/corpus, what ended a target is in
$here/build/fuzz/findings: mend it, then keep the input under tests/fixtures/fuzz/TARGET, where the tests replay it.
TXT
}

# run_target NAME SECONDS: prints one row of the table; its status is libFuzzer's.
run_target() {
    local name=$1 seconds=$2 corpus=$build/corpus/$1 log=$build/$1.log profile=$build/$1.profile status=0
    mkdir -p "$corpus" "$build/findings"
    rm -f "$profile".*
    [ ! -d "$here/tests/fixtures/fuzz/$name" ] || cp -u "$here/tests/fixtures/fuzz/$name"/* "$corpus"
    inside env MILLM_FUZZ_SEEDS="$corpus" LLVM_PROFILE_FILE="$profile.raw" "$build/bin/fuzz_$name" -max_total_time="$seconds" \
        -timeout=20 -rss_limit_mb=3072 -print_final_stats=1 -artifact_prefix="$build/findings/$name-" "$corpus" >"$log" 2>&1 || status=$?
    local runs edges lines=-
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    edges=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -1)
    if [ -e "$profile.raw" ]; then
        inside llvm-profdata merge -sparse "$profile.raw" -o "$profile.data"
        inside llvm-cov report "$build/bin/fuzz_$name" -instr-profile="$profile.data" "$here/core" >"$build/$name.coverage" 2>/dev/null || true
        # Of the files that the target reaches at all: lines, and how many of them ran.
        lines=$(awk '$NF ~ /%$/ && $8 > 0 && $8 > $9 && $1 != "TOTAL" {all += $8; missed += $9; files++}
            END {if (all) printf "%d of %d in %d files", all - missed, all, files; else print "-"}' "$build/$name.coverage")
    fi
    if [ "$status" = 0 ]; then
        printf '%-16s %12s %8s   %s\n' "$name" "${runs:--}" "${edges:--}" "$lines"
    else
        printf '%-16s %12s %8s   FOUND SOMETHING: %s\n' "$name" "${runs:--}" "${edges:--}" "$log"
    fi
    return "$status"
}

verb_fuzz() {
    local name=${1:-} seconds=${2:-60} failed=0
    case "$name" in
        --help) fuzz_usage; return;;
        "") fuzz_usage; echo; fuzz_targets; return;;
    esac
    [ "$name" = all ] || fuzz_targets | grep -qx "$name" || die "fuzz: no target $name (./dev fuzz lists them)"
    preset=fuzz build=${MILLM_BUILD_DIR:-$here/build/fuzz}
    [ -n "${MILLM_IN_ROOT:-}" ] || ! in_root || make_root
    need_packages clang libclang-rt-dev llvm
    local names=("$name")
    [ "$name" != all ] || mapfile -t names < <(fuzz_targets)
    build_targets "${names[@]/#/fuzz_}"
    cd "$here"
    # Leaks of the libraries under test are theirs; what is ours is found by the address sanitizer of the tests.
    export UBSAN_OPTIONS=${UBSAN_OPTIONS:-halt_on_error=1:print_stacktrace=1} ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:allocator_may_return_null=1}
    if [ -f "$seconds" ]; then become "$build/bin/fuzz_$name" "$seconds"; fi
    printf '%-16s %12s %8s   %s\n' target executions edges 'lines reached'
    for name in "${names[@]}"; do run_target "$name" "$seconds" || failed=1; done
    return "$failed"
}
