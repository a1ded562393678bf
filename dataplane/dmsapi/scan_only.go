package dmsapi

import "dms/dataplane"

// ScanSend does to the body of a send what the wire does and nothing else, and returns the number of its messages: the least that any server of
// this wire must do, which measurements compare with.
func ScanSend(body []byte) (int, error) {
	req, err := parseSend(body, dataplane.DMSLimits)
	return len(req.messages), err
}

// ScanAck is ScanSend for an acknowledgement.
func ScanAck(body []byte) (int, error) {
	settlements, err := parseAck(body, dataplane.DMSLimits)
	return len(settlements), err
}
