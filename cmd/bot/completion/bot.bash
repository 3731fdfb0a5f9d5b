# Completion of bot for bash. Load it with: source <(bot completion bash)
_bot() {
    local cur=${COMP_WORDS[COMP_CWORD]} kind line
    [[ $cur == "=" ]] && cur=
    COMPREPLY=()
    {
        IFS= read -r kind
        while IFS= read -r line; do
            COMPREPLY+=("${line%%$'\t'*}")
        done
    } < <("${COMP_WORDS[0]/#\~/$HOME}" __complete -- "${COMP_WORDS[@]:1:COMP_CWORD-1}" "$cur" 2>/dev/null)
    # Readline completes files itself, with its own quoting, unless it is told not to.
    case $kind in
    :files) ;;
    :folders) compopt +o default -o dirnames 2>/dev/null ;;
    *) compopt +o default 2>/dev/null ;;
    esac
}
complete -o default -F _bot bot
