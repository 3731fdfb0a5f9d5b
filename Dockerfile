# The tag is the toolchain that CI uses; go.mod says what is needed at least.
FROM golang:1.26.8-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o /out/bot ./cmd/bot \
 && mkdir -p /out/data

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/bot /bot
COPY --from=build --chown=65532:65532 /out/data /data
USER 65532:65532
ENV BOT_DATA_DIR=/data BOT_RULES=/etc/groupguard/rules.yaml
EXPOSE 8080 9090
ENTRYPOINT ["/bot"]
CMD ["run"]
