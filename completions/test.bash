#!/usr/bin/env bash
# test.bash FILE: asks the generated bash completion what a person would.
set -eu
# shellcheck source=/dev/null
source "$1"

failed=0

# offers WANTED LINE...: completing the last word of the line offers WANTED.
offers() {
    local wanted=$1
    shift
    COMP_WORDS=("$@")
    COMP_CWORD=$(($# - 1))
    COMPREPLY=()
    _jiraduct
    case " ${COMPREPLY[*]} " in
        *" $wanted "*) ;;
        *)
            echo "jiraduct completion: '$*' offers '${COMPREPLY[*]}', not $wanted"
            failed=1
            ;;
    esac
}

# silent LINE...: nothing is offered.
silent() {
    COMP_WORDS=("$@")
    COMP_CWORD=$(($# - 1))
    COMPREPLY=()
    _jiraduct
    if [ "${#COMPREPLY[@]}" -ne 0 ]; then
        echo "jiraduct completion: '$*' offers '${COMPREPLY[*]}', not nothing"
        failed=1
    fi
}

cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
touch settings.yml

offers config jiraduct co
offers --version jiraduct --v
offers --json jiraduct config --
offers --log-level jiraduct config --l
offers warn jiraduct config --log-level w
offers warn jiraduct config --log-level = w
offers settings.yml jiraduct config --config sett
offers version jiraduct help v
offers zsh jiraduct help --format z
silent jiraduct config --jso --nothing-like-it
exit "$failed"
