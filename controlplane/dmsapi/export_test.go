package dmsapi

// WirePaths returns the methods of each path of the wire, by path.
func WirePaths() map[string]string {
	out := make(map[string]string, len(wirePaths))
	for _, w := range wirePaths {
		out[w.path] = w.allow
	}
	return out
}

// Operations returns what the control plane answers: method, path and action.
func Operations() (out [][3]string) {
	for _, op := range operations {
		out = append(out, [3]string{op.method, op.path, string(op.action)})
	}
	return out
}
