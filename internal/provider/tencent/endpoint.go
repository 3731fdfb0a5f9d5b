package tencent

import (
	"fmt"
	"net/url"
	"strings"
)

// regions are the REST domains by the region that an application was created in (34620, 2025).
func regions() map[string]string {
	return map[string]string{
		"china":          "https://console.tim.qq.com",
		"singapore":      "https://adminapisgp.im.qcloud.com",
		"seoul":          "https://adminapikr.im.qcloud.com",
		"tokyo":          "https://adminapijpn.im.qcloud.com",
		"frankfurt":      "https://adminapiger.im.qcloud.com",
		"silicon-valley": "https://adminapiusa.im.qcloud.com",
		"jakarta":        "https://adminapiidn.im.qcloud.com",
	}
}

// ResolveEndpoint returns the base URL of the REST API for the name of a region or for a URL. Plain
// HTTP is meant for a simulator: over a network it would show the UserSig.
func ResolveEndpoint(nameOrURL string) (string, error) {
	if base, ok := regions()[strings.ToLower(nameOrURL)]; ok {
		return base, nil
	}
	u, err := url.Parse(nameOrURL)
	switch {
	case err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "":
		return "", fmt.Errorf("resolving the endpoint: neither a URL nor one of %s",
			"china, singapore, seoul, tokyo, frankfurt, silicon-valley, jakarta")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return "", fmt.Errorf("resolving the endpoint: user, query and fragment do not belong into the URL")
	}
	return strings.TrimRight(nameOrURL, "/"), nil
}
