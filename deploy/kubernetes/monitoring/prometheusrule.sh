#!/bin/sh
# Prints the alerts of deploy/prometheus/rules/groupguard.yaml as a PrometheusRule of the Prometheus Operator.
# kube-prometheus-stack by default wants a label "release" beside the one below, as servicemonitor.yaml says.
set -eu
rules=$(dirname "$0")/../../prometheus/rules/groupguard.yaml
cat <<'END'
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: groupguard
  namespace: groupguard
  labels: {app.kubernetes.io/name: groupguard}
spec:
END
sed 's/^\(.\)/  \1/' "$rules"
