"""Completion by bash, zsh and fish: their scripts, and the words that they send.

click's classes know the commands and options. These add the values of `--option=value`, and fix three faults: bash
splits words at colons and equals signs, so that a URL or s3://BUCKET/KEY hid the words after it; zsh replaced
`--option=va` by the value alone; fish completed no path with `~` or a variable, and cut a description at its first
comma.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    split_arg_string,
)

_BASH = """\
%(complete_func)s() {
    local IFS=$'\\n' line
    COMPREPLY=()
    for line in $(env COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD="$COMP_CWORD" COMP_BREAKS="$COMP_WORDBREAKS" \\
            %(complete_var)s=bash_complete "$1"); do
        case $line in
            dir,*) compopt -o dirnames ;;
            file,*) compopt -o default ;;
            plain,*) COMPREPLY+=("${line#plain,}") ;;
        esac
    done
}
complete -o nosort -F %(complete_func)s %(prog_name)s
"""

_ZSH = """\
#compdef %(prog_name)s
%(complete_func)s() {
    local kind value text
    local -a lines described plain
    lines=("${(@f)$(env COMP_WORDS="${words[*]}" COMP_CWORD=$((CURRENT - 1)) \\
        %(complete_var)s=zsh_complete ${~words[1]})}")
    for kind value text in $lines; do
        case $kind in
            dir) compset -P '--*='; _path_files -/ ;;
            file) compset -P '--*='; _path_files -f ;;
            plain) if [[ $text == _ ]]; then plain+=("$value"); else described+=("$value:$text"); fi ;;
        esac
    done
    (( $#described )) && _describe -V unsorted described -U
    (( $#plain )) && compadd -U -V unsorted -a plain
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    %(complete_func)s "$@"
else
    compdef %(complete_func)s %(prog_name)s
fi
"""

_FISH = """\
function %(complete_func)s
    set -l token (commandline -ct)
    set -l option (string match -r -- '^--[^=]+=' $token)
    set -l path (string replace -r -- '^--[^=]+=' '' $token)
    for line in (env %(complete_var)s=fish_complete COMP_WORDS=(commandline -cp | string collect) COMP_CWORD="$token" \\
            %(prog_name)s)
        set -l parts (string split -m 1 , -- $line)
        switch $parts[1]
            case dir
                string replace -r '^' -- "$option" (complete -C "'' $path" | string match -r '^[^\\t]*/(?=\\t|$)')
            case file
                string replace -r '^' -- "$option" (complete -C "'' $path")
            case plain
                echo $parts[2]
        end
    end
end
complete --no-files --command %(prog_name)s --arguments "(%(complete_func)s)"
"""


def _whole_words(found: list[CompletionItem[str]], incomplete: str) -> list[CompletionItem[str]]:
    """Return completions of `--option=va` as whole words; click returns the values."""
    option, equals, _ = incomplete.partition("=")
    if equals and option.startswith("--"):
        for item in found:
            item.value = f"{option}={item.value}"
    return found


class Bash(BashComplete):
    """Completion by bash."""

    source_template = _BASH

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words before the cursor's, and that word; join what bash has split."""
        words = split_arg_string(os.environ["COMP_WORDS"])
        position = int(os.environ["COMP_CWORD"])
        words = [*words, *[""] * (position + 1 - len(words))][: position + 1]
        *before, incomplete = _joined(words, _breaks())
        return before[1:], incomplete

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        """Return the completions of the part that bash replaces, which begins after the last colon or equals sign."""
        found = _whole_words(super().get_completions(args, incomplete), incomplete)
        kept = max((incomplete.rfind(each) for each in _breaks()), default=-1) + 1
        for item in found:
            item.value = item.value.removeprefix(incomplete[:kept])
        return found


def _breaks() -> str:
    """Return the characters, of those that words of this command contain, at which bash splits words."""
    return "".join(each for each in ":=" if each in os.environ.get("COMP_BREAKS", ":="))


def _joined(words: Sequence[str], breaks: str) -> list[str]:
    joined: list[str] = []
    is_open = False
    for word in words:
        is_break = bool(word) and not word.strip(breaks)
        if joined and (is_open or is_break):
            joined[-1] += word
        else:
            joined.append(word)
        is_open = is_break
    return joined


class Zsh(ZshComplete):
    """Completion by zsh."""

    source_template = _ZSH

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        """Return completions that replace the whole word."""
        return _whole_words(super().get_completions(args, incomplete), incomplete)


class Fish(FishComplete):
    """Completion by fish."""

    source_template = _FISH

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        """Return completions that replace the whole word."""
        return _whole_words(super().get_completions(args, incomplete), incomplete)


SHELLS: Mapping[str, type[ShellComplete]] = {"bash": Bash, "zsh": Zsh, "fish": Fish}
"""The shells by name."""
