package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/groupguard/groupguard/internal/actions"
	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/store"
	"github.com/groupguard/groupguard/internal/store/sqlite"
)

var (
	fans  = chat.Group{Provider: chat.Tencent, Account: "1400000000", ID: "@TGS#1FANS"}
	whats = chat.Group{Provider: chat.CAMS, Account: "cams-example01", ID: "EA93UU0001"}
)

// stockAt is when the stock's first case happened.
var stockAt = time.Date(2026, 11, 20, 20, 0, 0, 0, time.UTC)

// stocked are the codes of the cases that stock makes.
var stocked = map[string]string{
	"REMOVED": codeOf("u_bob"), "DEAD": codeOf("u_cat"), "HELD": codeOf("u_dan"), "WHATSAPP": codeOf("15550100002"), "QUEUED": codeOf("u_eve"),
}

func codeOf(member chat.MemberID) string {
	return chat.CaseID(chat.Digest("sample", string(member))).Code()
}

// stockCmd is a command of the scripts: it makes a folder with an embedded store, which holds a case
// in each of the usual states.
func stockCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: stock dir")
	}
	ts.Check(stock(ts.MkAbs(args[0])))
}

func stock(dir string) (err error) {
	if err := stockSpool(dir); err != nil {
		return err
	}
	now := stockAt
	s, err := sqlite.Open(dir, store.Options{Partitions: 16, Now: func() time.Time { return now }})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	for _, one := range []struct {
		group  chat.Group
		member chat.MemberID
		name   string
		rule   chat.RuleID
		answer actions.Settlement
	}{
		{fans, "u_bob", "Bob", "new-member-link", actions.Settlement{State: actions.Done, API: "delete_group_member", Code: "0", RequestID: "8f3b02"}},
		{fans, "u_cat", "Cat", "new-member-link", actions.Settlement{State: actions.Dead, API: "delete_group_member", Code: "10015", Text: "invalid group id"}},
		{whats, "15550100002", "", "blocked-prefix", actions.Settlement{State: actions.Done, API: "DeleteChatGroupParticipants", Code: "OK", RequestID: "A1-77"}},
		{fans, "u_dan", "", "new-member-link", actions.Settlement{
			State: actions.Held, Code: "brake", Text: "rule new-member-link is past its brake in this group: more than 20 within 5m0s",
		}},
		{fans, "u_eve", "", "new-member-link", actions.Settlement{}},
	} {
		c := sampleCase(one.group, one.member, one.rule, now)
		c.Event.Name = one.name
		if _, err := s.Commit(context.Background(), []chat.Case{c}); err != nil {
			return err
		}
		if err := answerAll(s, one.answer, now.Add(time.Second)); err != nil {
			return err
		}
		now = now.Add(time.Minute)
	}
	pause := chat.Pause{
		Rule: "new-member-link", Group: &fans, By: chat.PausedByBrake, Why: "21 within 5m0s, 20 are fine", At: stockAt.Add(3*time.Minute + time.Second),
	}
	body, err := json.Marshal(&pause)
	if err != nil {
		return err
	}
	return s.SaveMemo(context.Background(), chat.Memo{
		Kind: "pause", Key: pause.Key(), Version: 1, Body: body, Expires: stockAt.AddDate(50, 0, 0),
	})
}

// sampleCase is a member who posted a link, or whose number is blocked.
func sampleCase(g chat.Group, member chat.MemberID, rule chat.RuleID, at time.Time) chat.Case {
	id := chat.CaseID(chat.Digest("sample", string(member)))
	c := chat.Case{
		ID: id, Code: id.Code(), Rules: "9c1e5a20b7d4", Intents: []chat.Intent{{Kind: chat.Remove, Rule: rule, Reason: "Links are closed"}},
		Matches: []chat.Match{{Rule: rule, Title: "Link from a new member", Mode: "enforce", Why: "link win.example.net, joined 3m0s before"}},
		Event:   chat.Event{At: at, Received: at, Group: g, GroupType: chat.Public, ID: "e1", Kind: chat.Message, Member: member, Text: "free coins: http://win.example.net"},
	}
	if g.Provider == chat.CAMS {
		c.Event.GroupType, c.Event.Kind, c.Event.Text = chat.WhatsApp, chat.Join, ""
		c.Matches[0].Title, c.Matches[0].Why = "Blocked prefix", "phone starts with 1555"
	}
	return c
}

// answerAll settles what is in the queue; the zero Settlement leaves it there.
func answerAll(s *sqlite.Store, answer actions.Settlement, at time.Time) error {
	if answer.State == "" {
		return nil
	}
	for part := range s.Parts() {
		if d, err := s.Depth(context.Background()); err != nil || d.Entries == 0 {
			return err
		}
		items, err := s.Claim(context.Background(), part, 10)
		if err != nil {
			return err
		}
		for _, item := range items {
			answer.Item, answer.At = item, at
			if err := s.Settle(context.Background(), []actions.Settlement{answer}); err != nil {
				return fmt.Errorf("settling %s: %w", item.Member, err)
			}
		}
	}
	return nil
}
