// Renders a Helm chart with Go's own templates and the same function library that Helm uses, for machines without Helm.
//
//	render-chart CHART [VALUES.yaml]
//
// Writes one JSON object to standard output: the rendered text by template, or the failure of the chart. It knows what Skein's chart uses:
// include, tpl, toYaml, fail, .Values, .Chart, .Release, .Files.Get and .Files.Glob. Values are merged as Helm merges them: maps by key, others replaced.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig"
	"github.com/ghodss/yaml"
)

type files struct{ root string }

func (f files) Get(name string) string {
	text, err := os.ReadFile(filepath.Join(f.root, name))
	if err != nil {
		return ""
	}
	return string(text)
}

func (f files) Glob(pattern string) map[string][]byte {
	found := map[string][]byte{}
	paths, _ := filepath.Glob(filepath.Join(f.root, pattern))
	for _, path := range paths {
		name, _ := filepath.Rel(f.root, path)
		text, _ := os.ReadFile(path)
		found[name] = text
	}
	return found
}

func readYaml(path string) (map[string]interface{}, error) {
	value := map[string]interface{}{}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return value, yaml.Unmarshal(text, &value)
}

func merge(into, from map[string]interface{}) {
	for key, value := range from {
		inner, isMap := value.(map[string]interface{})
		before, wasMap := into[key].(map[string]interface{})
		if isMap && wasMap {
			merge(before, inner)
		} else {
			into[key] = value
		}
	}
}

func functions(root *template.Template) template.FuncMap {
	all := sprig.TxtFuncMap()
	delete(all, "env")
	delete(all, "expandenv")
	all["toYaml"] = func(value interface{}) string {
		text, err := yaml.Marshal(value)
		if err != nil {
			return ""
		}
		return strings.TrimSuffix(string(text), "\n")
	}
	all["include"] = func(name string, data interface{}) (string, error) {
		var out bytes.Buffer
		err := root.ExecuteTemplate(&out, name, data)
		return out.String(), err
	}
	all["tpl"] = func(text string, data interface{}) (string, error) {
		inner, err := root.New("tpl").Parse(text)
		if err != nil {
			return "", err
		}
		var out bytes.Buffer
		err = inner.Execute(&out, data)
		return out.String(), err
	}
	all["fail"] = func(text string) (string, error) { return "", fmt.Errorf("%s", text) }
	return all
}

func render(chart, valuesFile string) (map[string]string, error) {
	values, err := readYaml(filepath.Join(chart, "values.yaml"))
	if err != nil {
		return nil, err
	}
	if valuesFile != "" {
		own, err := readYaml(valuesFile)
		if err != nil {
			return nil, err
		}
		merge(values, own)
	}
	raw, err := readYaml(filepath.Join(chart, "Chart.yaml"))
	if err != nil {
		return nil, err
	}
	about := map[string]interface{}{}
	for key, value := range raw {
		about[strings.ToUpper(key[:1])+key[1:]] = value
	}
	data := map[string]interface{}{
		"Values": values,
		"Chart":  about,
		"Files":  files{chart},
		"Release": map[string]interface{}{
			"Name": "team", "Namespace": "agents", "Service": "Helm", "IsInstall": true, "IsUpgrade": false, "Revision": 1,
		},
	}
	root := template.New("chart").Option("missingkey=zero")
	root.Funcs(functions(root))
	paths, _ := filepath.Glob(filepath.Join(chart, "templates", "*"))
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		if _, err := root.New(filepath.Base(path)).Parse(string(text)); err != nil {
			return nil, err
		}
	}
	rendered := map[string]string{}
	for _, path := range paths {
		name := filepath.Base(path)
		if strings.HasPrefix(name, "_") {
			continue
		}
		var out bytes.Buffer
		if err := root.ExecuteTemplate(&out, name, data); err != nil {
			return nil, err
		}
		rendered[name] = strings.ReplaceAll(out.String(), "<no value>", "")
	}
	return rendered, nil
}

func main() {
	valuesFile := ""
	if len(os.Args) > 2 {
		valuesFile = os.Args[2]
	}
	answer := map[string]interface{}{}
	rendered, err := render(os.Args[1], valuesFile)
	if err != nil {
		answer["failure"] = err.Error()
	} else {
		answer["rendered"] = rendered
	}
	_ = json.NewEncoder(os.Stdout).Encode(answer)
}
