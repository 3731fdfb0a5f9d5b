#compdef bot
# Completion of bot for zsh. Load it with: source <(bot completion zsh)
_bot() {
    local kind line word help
    local -a answer found
    answer=("${(@f)$("${(Q)words[1]/#\~/$HOME}" __complete -- "${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
    kind=$answer[1]
    for line in "${(@)answer[2,-1]}"; do
        word=${line%%$'\t'*}
        help=${line#*$'\t'}
        found+=("${word//:/\\:}${help:+:$help}")
    done
    case $kind in
    :files) compset -P '--*='; _files ;;
    :folders) compset -P '--*='; _files -/ ;;
    *) _describe -t words bot found ;;
    esac
}
if [[ $funcstack[1] == _bot ]]; then
    _bot "$@"
else
    compdef _bot bot
fi
