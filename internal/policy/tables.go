package policy

// conditionKinds is the list of all conditions, each in a file of its own.
func conditionKinds() []conditionKind {
	return []conditionKind{
		{"text", "What is written.", (*loader).readText, textShape},
		{"link", "Links in the message.", (*loader).readLink, func(l *loader) shape { return keyed(l.linkKeys(&link{})...).nonEmpty() }},
		{"mention", "Whom the message mentions.", (*loader).readMention, func(l *loader) shape { return keyed(l.mentionKeys(&mention{})...).nonEmpty() }},
		{"media", "What the message carries beside text.", (*loader).readMedia, func(l *loader) shape { return keyed(l.mediaKeys(&media{})...).nonEmpty() }},
		{"member", "Who did it.", (*loader).readMember, func(l *loader) shape { return keyed(l.memberKeys(&member{})...).nonEmpty() }},
		{"phone", "The member's number, on CAMS.", (*loader).readPhone, func(l *loader) shape { return keyed(l.phoneKeys(&phone{})...).nonEmpty() }},
		{"join", "How the member came into the group.", (*loader).readJoin, func(l *loader) shape { return keyed(l.joinKeys(&joining{})...).nonEmpty() }},
		{"count", "Holds when so many were counted in a window.", (*loader).readCount, countShape},
		{"same_text", "Holds when the same text was seen so often in a window.", (*loader).readSameText, sameShape},
		{"during", "When it happened: the name of a calendar, or several.", (*loader).readDuring, duringShape},
		{"cel", "An expression in CEL over event, member and group.", (*loader).readCEL, func(*loader) shape { return texts() }},
		{"any", "One of several maps of conditions holds.", (*loader).readAny, anyShape},
		{"all", "All of several maps of conditions hold.", (*loader).readAll, allShape},
		{"not", "A map of conditions does not hold.", (*loader).readNot, func(*loader) shape { return conditional().nonEmpty().stateless() }},
	}
}

// intentKinds is the list of all intents, each in a file of its own.
func intentKinds() []intentKind {
	return []intentKind{
		{"remove", "Take the member out of the group.", (*loader).readRemove, func(l *loader) shape { return keyed(l.removeKeys(&remove{})...) }},
		{"mute", "Keep the member from writing for some time.", (*loader).readMute, func(l *loader) shape { return keyed(l.muteKeys(&mute{})...) }},
		{"block", "Refuse the message or the join before it happens.", (*loader).readBlock, func(l *loader) shape { return keyed(l.blockKeys(&block{})...).needing("text", "code") }},
		{"recall", "Take the message back.", (*loader).readRecall, func(*loader) shape { return keyed() }},
		{"warn", "Say something in the group.", (*loader).readWarn, func(l *loader) shape { return keyed(l.warnKeys(&warn{})...) }},
		{"strike", "Put the member one step up the ladder.", (*loader).readStrike, func(l *loader) shape { return keyed(l.strikeKeys(&strike{})...) }},
		{"lockdown", "Close the group for some time.", (*loader).readLockdown, func(l *loader) shape {
			return keyed(l.lockdownKeys(&lockdown{})...).atLeastOne("joins", "mute_all", "invite_link")
		}},
		{"dissolve", "End the group for good.", (*loader).readDissolve, func(*loader) shape { return keyed() }},
		{"alert", "Tell the operators.", (*loader).readAlert, func(l *loader) shape { return keyed(l.alertKeys(&alert{})...) }},
	}
}
