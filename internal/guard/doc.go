// Package guard keeps accepted actions from being carried out while they must not be: their case was
// undone, the member is exempt, the rule is paused, no longer enforced, or past its brake.
//
// It owns the brake: how many removals a rule may have carried out in a span of time, and the pause
// that follows when it wants more. It must not judge events, call a provider or know a store's layout.
// It is built so that what it does not know keeps an action waiting and never lets it go.
package guard
