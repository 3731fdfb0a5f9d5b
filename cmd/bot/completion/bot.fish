# Completion of bot for fish. Load it with: bot completion fish | source
function __bot_complete
    set -l words (commandline -opc)
    set -l cur (commandline -ct)
    set -l answer ($words[1] __complete -- $words[2..-1] "$cur" 2>/dev/null)
    set -l head (string match -r -- '^--[^=]*=' "$cur")
    set -l rest (string replace -r -- '^--[^=]*=' '' "$cur")
    switch "$answer[1]"
        case :files
            printf "$head%s\n" (__fish_complete_path "$rest")
        case :folders
            printf "$head%s\n" (__fish_complete_directories "$rest")
        case '*'
            printf '%s\n' $answer[2..-1]
    end
end
complete -c bot -f -a '(__bot_complete)'
