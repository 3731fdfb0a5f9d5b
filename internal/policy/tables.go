package policy

// conditionKinds is the list of all conditions, each in a file of its own.
func conditionKinds() []conditionKind {
	return []conditionKind{
		{"text", (*loader).readText},
		{"link", (*loader).readLink},
		{"member", (*loader).readMember},
		{"phone", (*loader).readPhone},
		{"count", (*loader).readCount},
		{"any", (*loader).readAny},
		{"all", (*loader).readAll},
		{"not", (*loader).readNot},
		{"mention", nil},
		{"media", nil},
		{"join", nil},
		{"same_text", nil},
		{"during", nil},
		{"cel", nil},
	}
}

// intentKinds is the list of all intents, each in a file of its own.
func intentKinds() []intentKind {
	return []intentKind{
		{"remove", (*loader).readRemove},
		{"mute", (*loader).readMute},
		{"block", (*loader).readBlock},
		{"alert", (*loader).readAlert},
		{"dissolve", (*loader).readDissolve},
		{"lockdown", (*loader).readLockdown},
		{"recall", nil},
		{"warn", nil},
		{"strike", nil},
	}
}
