package cams

import (
	"errors"
	"os"
	"strings"

	"github.com/aliyun/credentials-go/credentials"
)

// chainInputs are the variables that choose a source in the library's default chain. Their names
// help an operator; their values are not shown.
const chainInputs = "ALIBABA_CLOUD_ACCESS_KEY_ID ALIBABA_CLOUD_ACCESS_KEY_SECRET ALIBABA_CLOUD_ROLE_ARN " +
	"ALIBABA_CLOUD_OIDC_PROVIDER_ARN ALIBABA_CLOUD_OIDC_TOKEN_FILE ALIBABA_CLOUD_CONFIG_FILE " +
	"ALIBABA_CLOUD_PROFILE ALIBABA_CLOUD_CREDENTIALS_FILE ALIBABA_CLOUD_ECS_METADATA " +
	"ALIBABA_CLOUD_ECS_METADATA_DISABLED ALIBABA_CLOUD_CREDENTIALS_URI"

// DefaultChain is the Source that asks the default chain of github.com/aliyun/credentials-go:
// environment, OIDC, CLI profile, INI profile, instance role, URI. The library does not say when a
// credential ends. What it returns has been fetched just now or lasts 180 s at least, and it fetches
// again inside those last 180 s, where a failure of the source hides a credential that is still
// valid: that is what the copy in Credentials is for.
func DefaultChain() (func() (AccessKey, error), error) {
	object, err := credentials.NewCredential(nil)
	if err != nil {
		return nil, errChain()
	}
	return func() (AccessKey, error) {
		m, err := object.GetCredential()
		if err != nil || m == nil {
			return AccessKey{}, errChain()
		}
		return AccessKey{ID: value(m.AccessKeyId), Secret: value(m.AccessKeySecret), Token: value(m.SecurityToken)}, nil
	}, nil
}

// errChain replaces the library's errors: several of them repeat the answer of a source or a whole
// profile file, keys included.
func errChain() error {
	set := []string{}
	for _, name := range strings.Fields(chainInputs) {
		if os.Getenv(name) != "" {
			set = append(set, name)
		}
	}
	if len(set) == 0 {
		return errors.New("no source of the default chain gave one, and none of its variables is set")
	}
	return errors.New("no source of the default chain gave one; its variables that are set: " + strings.Join(set, ", "))
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
