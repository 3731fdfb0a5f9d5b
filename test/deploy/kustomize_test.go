package deploy

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	apps "k8s.io/api/apps/v1"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

// kustomization is what is used of a kustomization.yaml. A key that is not here is an error.
type kustomization struct {
	APIVersion string   `json:"apiVersion"`
	Kind       string   `json:"kind"`
	Namespace  string   `json:"namespace"`
	Resources  []string `json:"resources"`
	Images     []struct {
		Name    string `json:"name"`
		NewName string `json:"newName"`
		NewTag  string `json:"newTag"`
	} `json:"images"`
	ConfigMapGenerator []struct {
		Name    string          `json:"name"`
		Envs    []string        `json:"envs"`
		Files   []string        `json:"files"`
		Options map[string]bool `json:"options"`
	} `json:"configMapGenerator"`
	Patches []struct {
		Target  map[string]string `json:"target"`
		Options map[string]bool   `json:"options"`
		Patch   string            `json:"patch"`
	} `json:"patches"`
}

func TestKustomizations(t *testing.T) {
	for _, dir := range []string{"", "base", "monitoring", "without-disk"} {
		folder := filepath.Join("deploy/kubernetes", dir)
		k := decode[kustomization](t, folder, read(t, filepath.Join(folder, "kustomization.yaml")))
		files := slices.Clone(k.Resources)
		for _, g := range k.ConfigMapGenerator {
			files = append(append(files, g.Envs...), g.Files...)
		}
		for _, f := range files {
			if _, err := os.Stat(filepath.Join(root, folder, f)); err != nil {
				t.Errorf("%s: %v", folder, err)
			}
		}
		for _, i := range k.Images {
			if !pinned.MatchString(i.NewName + ":" + i.NewTag) {
				t.Errorf("%s: the image %s:%s is not pinned", folder, i.NewName, i.NewTag)
			}
		}
		if slices.ContainsFunc(k.Resources, func(r string) bool { return strings.Contains(r, "secret") }) {
			t.Errorf("%s would apply a secret", folder)
		}
		if dir == "base" {
			entries, err := os.ReadDir(filepath.Join(root, folder))
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range entries {
				used := slices.Contains(files, e.Name()) || e.IsDir() || e.Name() == "kustomization.yaml" || e.Name() == "secret.example.yaml"
				if !used {
					t.Errorf("%s is in no kustomization", e.Name())
				}
			}
			// A bot takes new rules from the folder that it has; under another name they would not get there.
			for _, g := range k.ConfigMapGenerator {
				if len(g.Files) > 0 && !g.Options["disableNameSuffixHash"] {
					t.Errorf("%s gets another name with each change", g.Name)
				}
			}
		}
	}
}

// What `kubectl apply -k` would apply, built by the library that kubectl builds it with.
func TestKustomize(t *testing.T) {
	for dir, want := range map[string][]string{
		"":             {"Namespace", "ServiceAccount", "ConfigMap", "ConfigMap", "Service", "Service", "StatefulSet", "PodDisruptionBudget", "NetworkPolicy"},
		"without-disk": {"Namespace", "ServiceAccount", "ConfigMap", "ConfigMap", "Service", "Service", "Deployment", "PodDisruptionBudget", "NetworkPolicy"},
		"monitoring":   {"ServiceMonitor"},
	} {
		built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), filepath.Join(root, "deploy/kubernetes", dir))
		if err != nil {
			t.Errorf("%s: %v", dir, err)
			continue
		}
		out, err := built.AsYaml()
		if err != nil {
			t.Fatal(err)
		}
		var kinds []string
		for _, text := range strings.Split(string(out), "\n---\n") {
			var head struct {
				Kind string `json:"kind"`
			}
			if err := yaml.Unmarshal([]byte(text), &head); err != nil {
				t.Fatal(err)
			}
			kinds = append(kinds, head.Kind)
			if head.Kind == "Deployment" {
				checkDeployment(t, decode[apps.Deployment](t, dir, text))
			}
			if head.Kind == "StatefulSet" && !pinned.MatchString(decode[apps.StatefulSet](t, dir, text).Spec.Template.Spec.Containers[0].Image) {
				t.Error("the image is not pinned")
			}
		}
		slices.Sort(want)
		slices.Sort(kinds)
		if !slices.Equal(kinds, want) {
			t.Errorf("%s has %q, want %q", dir, kinds, want)
		}
	}
}

// Without a disk there must be no spool.
func checkDeployment(t *testing.T, d apps.Deployment) {
	t.Helper()
	for _, e := range d.Spec.Template.Spec.Containers[0].Env {
		if e.Name == "BOT_SPOOL_MAX" && e.Value != "0" {
			t.Errorf("the Deployment spools %s on a disk that goes with the pod", e.Value)
		}
	}
	if d.Spec.Strategy.RollingUpdate.MaxUnavailable.IntValue() != 0 {
		t.Error("a roll-out takes pods away before there are others")
	}
}
