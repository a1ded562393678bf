package billing

import (
	"strings"

	"dms/internal/errs"
)

// Currency is an ISO 4217 code.
type Currency string

// CNY is the currency of the standard prices.
const CNY Currency = "CNY"

// exponents is ISO 4217's list of active codes by their number of decimal digits ("minor unit").
var exponents = func() map[Currency]int32 {
	byDigits := map[int32]string{
		0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
		2: "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP " +
			"COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR " +
			"JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN " +
			"NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL " +
			"THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD YER ZAR ZMW ZWG",
		3: "BHD IQD JOD KWD LYD OMR TND",
		4: "CLF UYW",
	}
	m := make(map[Currency]int32)
	for digits, codes := range byDigits {
		for code := range strings.FieldsSeq(codes) {
			m[Currency(code)] = digits
		}
	}
	return m
}()

// Exponent returns the number of decimal digits in which amounts of the currency are paid. It panics for a code that Validate
// refuses.
func (c Currency) Exponent() int32 {
	e, ok := exponents[c]
	if !ok {
		panic("billing: unknown currency " + string(c))
	}
	return e
}

// Validate returns errs.Invalid unless c is an active ISO 4217 code.
func (c Currency) Validate() error {
	if _, ok := exponents[c]; !ok {
		return errs.New(errs.Invalid, "", "%q is not an ISO 4217 currency code.", string(c))
	}
	return nil
}
