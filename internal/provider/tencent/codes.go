package tencent

import (
	"strconv"
	"time"

	"github.com/groupguard/groupguard/internal/actions"
)

// Codes that are told apart from others of their class (34348).
const (
	codeSigExpired   = 70001
	codeSigLocked    = 70050 // UserSig refused too often: locked for a minute
	codeGroupRate    = 10006 // operations too frequent
	codeGroupBusy    = 10023 // the message rate of one group
	codeBadParameter = 10004 // also the answer to a kick in an AVChatRoom (34949)
	codeNotPermitted = 10007 // also: not supported for this type of group
	codeNoGroup      = 10010
	codeNoAccount    = 10019
	codeRecallOff    = 10041
	codeNotImported  = 70107
	sigLockout       = time.Minute
	groupPause       = time.Second // the list names no time for either of the group's codes
)

// classOf says what to do after an answer with a code, by the error list (34348) read as "which end
// loses no action":
//
//   - Rates are the codes whose text says frequency, and no others. That of messages in one group
//     (10023) is Again, with a pause: the group waits, and the API goes on for all others.
//   - Whatever an operator cures outside of us (credentials, region, plan, quota, address list) is
//     Auth: the action is kept and tried again slowly, rather than given up for somebody's invoice.
//   - Trouble within Tencent, and codes that the list does not have, are Again: the dispatcher gives
//     up in the end if they stay.
//   - The rest will never work for this action.
func classOf(code int) actions.Class {
	switch code {
	case 0:
		return actions.OK
	case 60007, 60011, 60018, 60019, codeGroupRate:
		return actions.Limited
	case 60006, 60010, 60012, 60016, 60017, 60020, 60021, 60025, 60026, 60028,
		codeSigExpired, 70002, 70003, 70005, 70009, 70013, 70014, 70016, 70020, codeSigLocked, 70051, 70403,
		72000, 72002, 80005:
		return actions.Auth
	case 60002, 60003, 60009, 60015, codeNotImported, 70402, 80001, 80002, 80003, 80004,
		10003, codeBadParameter, 10005, codeNotPermitted, codeNoGroup, 10015, 10016, 10017, 10018, codeNoAccount,
		10026, 10030, 10031, 10032, 10033, codeRecallOff, 10044, 10059, 11000, 110013:
		return actions.Permanent
	}
	return actions.Again
}

// internal tells whether a code says that Tencent failed within itself (34348). Those that a webhook
// of ours may have caused (90992) are not among them.
func internal(code int) bool {
	switch code {
	case 10002, 60008, 60013, 60014, 70169, 70202, 70500, 90994, 90995, 91000:
		return true
	}
	return false
}

// pauseOf returns how long to wait at least after a code, zero when the code says nothing about it.
func pauseOf(code int) time.Duration {
	switch code {
	case codeSigLocked:
		return sigLockout
	case codeGroupRate, codeGroupBusy:
		return groupPause
	}
	return 0
}

// suspect marks the refusal of a call that names members, where a single one of them may be the
// cause. The others must not be given up for that one's sake.
func suspect(o actions.Outcome) actions.Outcome {
	switch o.Code {
	case strconv.Itoa(codeNoAccount), strconv.Itoa(codeNotImported), strconv.Itoa(codeBadParameter):
		o.Class = actions.Suspect
	}
	return o
}
