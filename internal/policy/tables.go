package policy

// conditionKinds is the list of all conditions, each in a file of its own.
func conditionKinds() []conditionKind {
	return []conditionKind{
		{"text", "What is written.", (*loader).readText, nil},
		{"link", "Links in the message.", (*loader).readLink, func(l *loader) shape { return keyed(l.linkKeys(&link{})...) }},
		{"mention", "", nil, nil},
		{"media", "", nil, nil},
		{"member", "Who did it.", (*loader).readMember, func(l *loader) shape { return keyed(l.memberKeys(&member{})...) }},
		{"phone", "The member's number, on CAMS.", (*loader).readPhone, func(l *loader) shape { return keyed(l.phoneKeys(&phone{})...) }},
		{"join", "", nil, nil},
		{"count", "Holds when so many were counted in a window.", (*loader).readCount, func(l *loader) shape { return keyed(l.countKeys(&count{})...) }},
		{"same_text", "", nil, nil},
		{"during", "", nil, nil},
		{"cel", "", nil, nil},
		{"any", "One of several maps of conditions holds.", (*loader).readAny, branchShape},
		{"all", "All of several maps of conditions hold.", (*loader).readAll, branchShape},
		{"not", "A map of conditions does not hold.", (*loader).readNot, func(*loader) shape { return conditional() }},
	}
}

// intentKinds is the list of all intents, each in a file of its own.
func intentKinds() []intentKind {
	return []intentKind{
		{"remove", "Take the member out of the group.", (*loader).readRemove, func(l *loader) shape { return keyed(l.removeKeys(&remove{})...) }},
		{"mute", "Keep the member from writing for some time.", (*loader).readMute, func(l *loader) shape { return keyed(l.muteKeys(&mute{})...) }},
		{"block", "Refuse the message or the join before it happens.", (*loader).readBlock, func(l *loader) shape { return keyed(l.blockKeys(&block{})...) }},
		{"recall", "Take the message back.", (*loader).readRecall, func(*loader) shape { return keyed() }},
		{"warn", "Say something in the group.", (*loader).readWarn, func(l *loader) shape { return keyed(l.warnKeys(&warn{})...) }},
		{"strike", "Put the member one step up the ladder.", (*loader).readStrike, func(l *loader) shape { return keyed(l.strikeKeys(&strike{})...) }},
		{"lockdown", "Close the group for some time.", (*loader).readLockdown, func(l *loader) shape { return keyed(l.lockdownKeys(&lockdown{})...) }},
		{"dissolve", "End the group for good.", (*loader).readDissolve, func(*loader) shape { return keyed() }},
		{"alert", "Tell the operators.", (*loader).readAlert, func(l *loader) shape { return keyed(l.alertKeys(&alert{})...) }},
	}
}
