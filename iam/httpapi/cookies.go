package httpapi

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"dms/iam"
	"dms/iam/httpauth"
)

// Names of the cookie with the refresh token, beside httpauth's of the access token.
const (
	secureRefreshCookie = "__Host-dms_refresh"
	plainRefreshCookie  = "dms_refresh"
)

// setCookies gives the browser both tokens. Both cookies live as long as the session: an access token that ran out is then
// answered as expired, and the console knows to renew it.
func (s *server) setCookies(c *gin.Context, in iam.SignedIn) {
	life := int(in.SessionLife / time.Second)
	s.setCookie(c, httpauth.SecureSessionCookie, httpauth.PlainSessionCookie, in.AccessToken, life)
	s.setCookie(c, secureRefreshCookie, plainRefreshCookie, in.RefreshToken, life)
}

// Cookies returns the cookies of a session, for those who start one elsewhere.
func Cookies(in iam.SignedIn, secure bool) []*http.Cookie {
	life := int(in.SessionLife / time.Second)
	access, refresh := httpauth.PlainSessionCookie, plainRefreshCookie
	if secure {
		access, refresh = httpauth.SecureSessionCookie, secureRefreshCookie
	}
	return []*http.Cookie{cookie(access, in.AccessToken, life, secure), cookie(refresh, in.RefreshToken, life, secure)}
}

func cookie(name, value string, maxAge int, secure bool) *http.Cookie {
	return &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: maxAge, Secure: secure, HttpOnly: true, SameSite: http.SameSiteLaxMode}
}

func (s *server) clearCookies(c *gin.Context) {
	s.setCookie(c, httpauth.SecureSessionCookie, httpauth.PlainSessionCookie, "", -1)
	s.setCookie(c, secureRefreshCookie, plainRefreshCookie, "", -1)
}

// setCookie follows the rules of the __Host- prefix (Secure, Path=/, no Domain) in both modes, but for Secure, which a browser
// would not take over plain http.
func (s *server) setCookie(c *gin.Context, secureName, plainName, value string, maxAge int) {
	name := plainName
	if s.SecureCookies {
		name = secureName
	}
	http.SetCookie(c.Writer, cookie(name, value, maxAge, s.SecureCookies))
}

func (s *server) refreshToken(c *gin.Context) (string, bool) {
	name := plainRefreshCookie
	if s.SecureCookies {
		name = secureRefreshCookie
	}
	cookie, err := c.Request.Cookie(name)
	if err != nil || cookie.Value == "" {
		return "", false
	}
	return cookie.Value, true
}
