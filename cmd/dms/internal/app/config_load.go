package app

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/go-viper/mapstructure/v2"
	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/providers/posflag"
	"github.com/knadh/koanf/v2"
	"github.com/spf13/pflag"
)

const (
	envPrefix = "DMS_"
	// EnvConfig names the configuration file, as --config does.
	EnvConfig = envPrefix + "CONFIG"
	// FlagConfig names the configuration file. It is no key of the file itself.
	FlagConfig = "config"
)

// envOfTests are read by the test helpers, not by the program.
const envOfTests = envPrefix + "TEST_"

// Load reads the configuration: flags go before the environment, that before the file, that before the defaults. An unknown key
// of the file is an error; an unknown DMS_* variable is a warning, because container platforms put variables of their own beside
// ours. The result is complete but not validated.
func Load(flags *pflag.FlagSet, environ []string) (cfg Config, warnings []string, err error) {
	k := koanf.New(".")
	known := Keys()

	path, byFlag := fileFromFlag(flags)
	if !byFlag {
		path = valueOf(environ, EnvConfig)
	}
	if path != "" {
		if err := k.Load(file.Provider(path), yaml.Parser()); err != nil {
			return Config{}, nil, fmt.Errorf("configuration file %s: %w", path, err)
		}
		if err := unknownKeys(k, known); err != nil {
			return Config{}, nil, fmt.Errorf("configuration file %s: %w", path, err)
		}
	}

	byVariable := make(map[string]string, len(known))
	for _, key := range known {
		byVariable[variable(key)] = key
	}
	fromEnv := env.Provider(".", env.Opt{
		Prefix:      envPrefix,
		EnvironFunc: func() []string { return environ },
		TransformFunc: func(name, value string) (string, any) {
			key, ok := byVariable[name]
			if !ok && name != EnvConfig && !strings.HasPrefix(name, envOfTests) {
				warnings = append(warnings, fmt.Sprintf("the environment variable %s is not known and has no effect", name))
			}
			return key, value // a "" key is passed over
		},
	})
	if err := k.Load(fromEnv, nil); err != nil {
		return Config{}, nil, fmt.Errorf("environment: %w", err)
	}
	slices.Sort(warnings)

	fromFlags := posflag.ProviderWithFlag(flags, ".", k, func(f *pflag.Flag) (string, any) {
		key := keyOfFlag(f.Name, known)
		if !f.Changed {
			return "", nil
		}
		return key, f.Value.String()
	})
	if err := k.Load(fromFlags, nil); err != nil {
		return Config{}, nil, fmt.Errorf("flags: %w", err)
	}

	cfg = Default()
	if err := decode(k, &cfg); err != nil {
		return Config{}, nil, err
	}
	return cfg.resolve(), warnings, nil
}

// decode puts what k holds over the defaults in cfg.
func decode(k *koanf.Koanf, cfg *Config) error {
	err := k.UnmarshalWithConf("", cfg, koanf.UnmarshalConf{
		Tag: "koanf",
		DecoderConfig: &mapstructure.DecoderConfig{
			Result:           cfg,
			WeaklyTypedInput: true, // the environment knows only strings
			ErrorUnused:      true,
			DecodeHook: mapstructure.ComposeDecodeHookFunc(
				mapstructure.StringToTimeDurationHookFunc(),
				mapstructure.TextUnmarshallerHookFunc(),
			),
		},
	})
	if err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	return nil
}

// Keys lists every key of the configuration, dotted, in the order of Config.
func Keys() []string { return keysOf(reflect.TypeFor[Config](), "") }

func keysOf(t reflect.Type, prefix string) []string {
	var keys []string
	for i := range t.NumField() {
		f := t.Field(i)
		key := prefix + f.Tag.Get("koanf")
		if f.Type.Kind() == reflect.Struct {
			keys = append(keys, keysOf(f.Type, key+".")...)
			continue
		}
		keys = append(keys, key)
	}
	return keys
}

// variable returns the environment variable of a key: "tls.cert" is DMS_TLS_CERT.
func variable(key string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// Flag returns the name of a key's flag: "tls.cert" is --tls-cert.
func Flag(key string) string { return strings.NewReplacer(".", "-", "_", "-").Replace(key) }

func keyOfFlag(flag string, known []string) string {
	for _, key := range known {
		if Flag(key) == flag {
			return key
		}
	}
	return "" // the subcommand's own, such as --month
}

func unknownKeys(k *koanf.Koanf, known []string) error {
	var problems []error
	for _, key := range k.Keys() {
		// An empty section ("tls:" with nothing below it) is listed under its own name.
		section := func(s string) bool { return strings.HasPrefix(s, key+".") }
		if !slices.Contains(known, key) && !(k.Get(key) == nil && slices.ContainsFunc(known, section)) {
			problems = append(problems, fmt.Errorf("the key %q is not known", key))
		}
	}
	return errors.Join(problems...)
}

func fileFromFlag(flags *pflag.FlagSet) (path string, ok bool) {
	f := flags.Lookup(FlagConfig)
	if f == nil || !f.Changed {
		return "", false
	}
	return f.Value.String(), true
}

func valueOf(environ []string, name string) string {
	for _, e := range environ {
		if v, ok := strings.CutPrefix(e, name+"="); ok {
			return v
		}
	}
	return ""
}
