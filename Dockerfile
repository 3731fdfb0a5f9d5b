# One static binary in an empty image. Several platforms, where BuildKit and its emulators are at hand:
#   docker buildx build --platform linux/amd64,linux/arm64 -t IMAGE .
# The compiler runs on the machine that builds, whatever the platform of the image.

# The tag is the toolchain that CI uses; go.mod says what is needed at least.
FROM --platform=$BUILDPLATFORM golang:1.26.8-bookworm AS tools
RUN mkdir -p /out/data

FROM tools AS build
WORKDIR /src
# What is downloaded changes seldom, and so it is a layer of its own.
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG TARGETOS
ARG TARGETARCH
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -ldflags "-s -w" -o /out/bot ./cmd/bot

# Everything but the binary.
FROM scratch AS base
ARG VERSION=devel
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Groupguard" \
      org.opencontainers.image.description="Removes members who break a group's rules, on Tencent Cloud Chat and on WhatsApp through Alibaba CAMS" \
      org.opencontainers.image.source="https://github.com/groupguard/groupguard" \
      org.opencontainers.image.documentation="https://github.com/groupguard/groupguard/blob/main/docs/deployment.md" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
COPY --from=tools /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
# A new volume takes the owner of the folder that it covers.
COPY --from=tools --chown=65532:65532 /out/data /data
USER 65532:65532
# The rules are not in the image: whom a bot removes is the operator's choice. Mount the folder
# /etc/groupguard, so that a file that replaces rules.yaml is seen.
ENV BOT_DATA_DIR=/data \
    BOT_RULES=/etc/groupguard/rules.yaml
EXPOSE 8080 9090
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 CMD ["/bot", "healthcheck"]
ENTRYPOINT ["/bot"]
CMD ["run"]

# With the binaries of a release, which are built once and signed: .goreleaser.yaml.
FROM base AS release
ARG TARGETPLATFORM
COPY $TARGETPLATFORM/bot /bot

# Built from these sources. It comes last, so a build without --target makes it.
FROM base
COPY --from=build /out/bot /bot
