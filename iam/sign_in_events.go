package iam

import "dms/internal/access"

// What the audit trail calls changes of how users sign in, beside the actions of routes.
const (
	actionPasswordChange access.Action = "iam:password:change"
	actionPasswordReset  access.Action = "iam:password:reset"
	actionEmailVerify    access.Action = "iam:email:verify"
	actionTOTPStart      access.Action = "iam:totp:start"
	actionTOTPConfirm    access.Action = "iam:totp:confirm"
	actionTOTPRemove     access.Action = "iam:totp:remove"
	actionRecoveryCodes  access.Action = "iam:recoverycode:replace"
)
