# shellcheck shell=bash
# How far a long job is: on a terminal one line that renews itself, elsewhere a plain line now and then. On standard error.

progress_every=30  # seconds between plain lines

# progress TEXT: shows it. progress_end: leaves a terminal's line empty again.
progress() {
    if [ -t 2 ]; then
        local width=${COLUMNS:-$(tput cols 2>/dev/null || echo 80)}
        printf '\r\033[K%s' "${1:0:width-1}" >&2
    elif ((SECONDS - ${progress_said:-0} >= progress_every)); then
        say "${1#dev: }"
        progress_said=$SECONDS
    fi
}
progress_end() { [ ! -t 2 ] || printf '\r\033[K' >&2; }

# about SECONDS: in words.
about() {
    if (($1 < 60)); then echo "less than a minute"; else echo "about $((($1 + 30) / 60)) min"; fi
}

# watch_build WORDS: reads what ninja prints with NINJA_STATUS='[%f/%t] ', shows the steps in one line and passes on the rest.
watch_build() {
    local line done total begun=$SECONDS progress_said=$SECONDS said='' left
    while IFS= read -r line; do
        if [[ $line =~ ^\[([0-9]+)/([0-9]+)\]\  ]]; then
            done=${BASH_REMATCH[1]} total=${BASH_REMATCH[2]}
            # Ninja looks at globbed folders even where nothing is to be built.
            [[ $done == 0 || $line == *"Re-checking globbed directories"* ]] && continue
            [ -n "$said" ] || { say "$1"; said=1; }
            left=''
            ((done * 20 < total || SECONDS - begun < 10)) || left=", $(about $(((SECONDS - begun) * (total - done) / done))) left"
            progress "dev: $done of $total steps$left"
        elif [[ $line != "ninja: Entering directory "* && $line != "ninja: no work to do." && $line != "-- "* ]]; then  # "-- " is cmake's
            progress_end
            printf '%s\n' "$line"
        fi
    done
    progress_end
}

# watch_root LOG: reads what mmdebstrap or apt prints, keeps it in LOG and shows where it is.
watch_root() {
    local line total='' fetched=0 unpacked=0 set_up=0 progress_said=$SECONDS
    : >"$1"
    while IFS= read -r line; do
        printf '%s\n' "$line" >>"$1"
        case $line in
            *" newly installed, "*) line=${line%% newly installed*}; total=" of ${line##* }"; fetched=0 unpacked=0 set_up=0;;
            Get:*) fetched=$((fetched + 1)); progress "dev: fetching, $fetched$total packages";;
            "Unpacking "*) unpacked=$((unpacked + 1)); progress "dev: unpacking, $unpacked$total packages";;
            "Setting up "*) set_up=$((set_up + 1)); progress "dev: setting up, $set_up$total packages";;
        esac
    done
    progress_end
}
