package doctor

import (
	"maps"
	"slices"

	"github.com/groupguard/groupguard/internal/chat"
)

// manyRefused is from how many on webhooks that were refused one after the other are worth a word: somebody
// who tries a few addresses is none.
const manyRefused = 10

// Refused looks at the webhooks of a provider that were refused, by reason, since the last one that was not.
func Refused(p chat.Provider, byReason map[string]int) []Check {
	all, most, why := 0, 0, ""
	for _, reason := range slices.Sorted(maps.Keys(byReason)) {
		n := byReason[reason]
		if all += n; n > most {
			most, why = n, reason
		}
	}
	if all < manyRefused {
		return nil
	}
	return []Check{warning(AboutWebhooks, fixRefused(why)+"; or somebody else tries the address",
		"the last %d webhooks of %s were all refused, %d of them for: %s", all, p, most, why)}
}

// fixRefused says what cures a refusal by its reason, as the metric of refused webhooks has it.
func fixRefused(reason string) string {
	switch reason {
	case "bad signature", "missing signature":
		return "see that authentication is on in Tencent's console, with BOT_TENCENT_WEBHOOK_TOKEN as its token"
	case "no token configured":
		return "set BOT_TENCENT_WEBHOOK_TOKEN to the token in Tencent's console"
	case "wrong SdkAppid", "missing SdkAppid":
		return "see that BOT_TENCENT_SDK_APP_ID is the application whose console names this address"
	case "wrong secret":
		return "see that the webhook's address at CAMS ends with BOT_CAMS_WEBHOOK_SECRET"
	case "stale request", "request time in the future":
		return "have this machine's clock set by NTP"
	}
	return "see what the provider's console has as the address"
}
