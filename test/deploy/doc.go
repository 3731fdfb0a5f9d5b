// Package deploy holds no code. Its tests check what the bot is deployed with: docker-compose.yml, the
// Dockerfile, the systemd unit, the Kubernetes manifests, and what builds releases.
package deploy
