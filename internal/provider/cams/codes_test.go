package cams

import (
	"strings"
	"testing"

	"github.com/groupguard/groupguard/internal/actions"
)

func TestCodesAreClassified(t *testing.T) {
	for _, tc := range []struct {
		status int
		code   string
		class  actions.Class
	}{
		{400, "Throttling", actions.Limited}, {400, "Throttling.User", actions.Limited}, {400, "Throttling.Api", actions.Limited},
		{200, "Throttling.User", actions.Limited}, {400, "ThrottlingX", actions.Permanent},
		{503, "ServiceUnavailable", actions.Again}, {500, "InternalError", actions.Again}, {200, "InternalError", actions.Again},
		{502, "Whatever", actions.Again}, {429, "Whatever", actions.Limited}, {429, "", actions.Limited},
		{400, "SignatureNonceUsed", actions.Again}, {400, "InvalidTimeStamp.Expired", actions.Again},
		{404, "InvalidAccessKeyId.NotFound", actions.Auth}, {400, "InvalidAccessKeyId.NotFound", actions.Auth},
		{403, "InvalidSecurityToken.Expired", actions.Auth}, {400, "InvalidSecurityToken.Malformed", actions.Auth},
		{403, "InvalidAccessKeyId.Inactive", actions.Auth},
		{400, "SignatureDoesNotMatch", actions.Auth}, {403, "SignatureDoesNotMatch", actions.Auth},
		{400, "IncompleteSignature", actions.Permanent}, {400, "InvalidTimeStamp.Format", actions.Permanent},
		{403, "NoPermission", actions.Permanent}, {403, "Forbidden", actions.Permanent}, {403, "Forbidden.RAM", actions.Permanent},
		{403, "Forbidden.RiskControl", actions.Permanent}, {403, "Forbidden.UserVerification", actions.Permanent},
		{404, "InvalidApi.NotFound", actions.Permanent}, {404, "InvalidProduct.NotFound", actions.Permanent},
		{400, "InvalidProtocol.NeedSsl", actions.Permanent}, {400, "NoSuchVersion", actions.Permanent},
		{400, "UnsupportedOperation", actions.Permanent}, {405, "UnsupportedHTTPMethod", actions.Permanent},
		{400, "MissingGroupId", actions.Permanent}, {400, "MissingParameter", actions.Permanent}, {400, "InvalidGroupId", actions.Permanent},
		{400, "InvalidParameter.PageInvalid", actions.Permanent}, {400, "InsufficientBalance", actions.Permanent},
		{200, "Authentication.NoAuth", actions.Permanent}, {200, "InvalidParameter.FromOnlyNumeric", actions.Permanent},
		{200, "131208", actions.Limited}, {200, "Meta.131208", actions.Limited}, {200, "131041", actions.Permanent},
		{200, "131047", actions.Permanent}, {400, "isv.131047", actions.Permanent}, {200, "130429", actions.Limited}, {200, "131056", actions.Again},
		{200, "131215", actions.Permanent}, {500, "131000", actions.Again}, {200, "", actions.Again}, {302, "", actions.Again}, {404, "", actions.Again},
	} {
		if got := classOf(tc.status, tc.code, metaCode(tc.code, "")); got != tc.class {
			t.Errorf("%d %q is class %d, want %d", tc.status, tc.code, got, tc.class)
		}
	}
}

// TestCodesOfTheDocumentsAreAllDecided has every code of the pages that codes.go names.
func TestCodesOfTheDocumentsAreAllDecided(t *testing.T) {
	for class, codes := range map[actions.Class]string{
		// The error codes of CAMS, which come with HTTP 200.
		actions.Permanent: `Authentication.NoAuth InvalidParameter.PageInvalid InvalidParameter.PhoneNumberError InvalidParameter.ChannelTypeNotSupport
			InvalidParameter.MessageTypeNotSupport InvalidParameter.MessageTypeNotEmpty InvalidParameter.ContentNotEmpty InvalidParameter.ContentError
			InvalidParameter.TextNotEmpty InvalidParameter.LinkNotEmpty InvalidParameter.TemplateCodeNotEmpty InvalidParameter.LanguageNotEmpty
			InvalidParameter.LanguageNotSupport InvalidParameter.FromOnlyNumeric InvalidParameter.MessageInvalid InvalidParameter.CreateError
			InvalidParameter.SendSmsNotSupport DelError.TemplateNotExist DetailError.TemplateNotExist TemplateListError.QueryError
			131020 131041 131059 131201 131202 131204 131207 131209 131210 131211 131212 131213 131214 131215`,
		actions.Limited: "131208 Throttling Throttling.User Throttling.Api Throttling.Anything",
	} {
		for code := range strings.FieldsSeq(codes) {
			if got := classOf(200, code, metaCode(code, "")); got != class {
				t.Errorf("%q is class %d, want %d", code, got, class)
			}
		}
	}
}

func TestRefusalsThatCanBeAboutOneParticipant(t *testing.T) {
	for code, want := range map[string]bool{
		"InvalidParameter": true, "InvalidParameter.PhoneNumberError": true, "InvalidParticipantNumber": true, "ParticipantNotExist": true,
		"131009": true, "131026": true, "131202": true, "131204": true, "131212": true,
		"131041": false, "131207": false, "131215": false, "131031": false, "NoPermission": false, "Forbidden.RAM": false, "InvalidGroupId": false,
		"InvalidApi.NotFound": false, "SignatureDoesNotMatch": false, "InsufficientBalance": false, "MissingGroupId": false, "": false,
	} {
		if got := oneOfMany(code, metaCode(code, "")); got != want {
			t.Errorf("%q can be about one of many: %t", code, got)
		}
	}
}

func TestMetaCodesAreFound(t *testing.T) {
	for _, tc := range []struct{ code, text, want string }{
		{"131212", "", "131212"}, {"isv.131212", "", "131212"}, {"Failed", "131208: too many group operations", "131208"},
		{"OK", "", ""}, {"Failed", "15550100001: unknown", ""}, {"Failed", "see 131208: x", ""}, {"1312", "", ""},
	} {
		if got := metaCode(tc.code, tc.text); got != tc.want {
			t.Errorf("metaCode(%q, %q) is %q, want %q", tc.code, tc.text, got, tc.want)
		}
	}
}
