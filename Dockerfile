# docker build --build-arg REVISION="$(git describe --always --tags --dirty)" --tag boinc_exporter .
# docker run --read-only --cap-drop=ALL --security-opt=no-new-privileges --publish 31415:31415 \
#     --volume /etc/boinc_exporter:/etc/boinc_exporter:ro boinc_exporter
#
# Both images are pinned by tag, so that each build gets their security updates. For a reproducible build, pin the digest:
# FROM IMAGE:TAG@sha256:DIGEST.

FROM rust:1-slim-bookworm AS build
WORKDIR /src
COPY Cargo.toml Cargo.lock build.rs ./
COPY benches benches
COPY docs/runbooks.md docs/
COPY src src
# The build does not contain the git repository, so the revision is an argument.
ARG REVISION=unknown
RUN BOINC_EXPORTER_REVISION="$REVISION" cargo build --release --locked

# glibc and libgcc; no shell, no package manager.
FROM gcr.io/distroless/cc-debian12:nonroot
ARG REVISION=unknown
LABEL org.opencontainers.image.title="boinc_exporter" \
      org.opencontainers.image.description="Prometheus exporter for BOINC clients" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.revision="$REVISION"
COPY --from=build /src/target/release/boinc_exporter /usr/bin/boinc_exporter
# The image's user `nonroot`, by number, so that Kubernetes can verify that it is not root.
USER 65532:65532
EXPOSE 31415
# Reads the configuration file and the environment, but does not know the flags that the container was started with.
HEALTHCHECK --interval=30s --timeout=10s --start-period=5s CMD ["/usr/bin/boinc_exporter", "healthcheck"]
# Returns freed memory to the system. With a thousand clients, the exporter then uses a third of the memory (docs/PERFORMANCE.md).
ENV MALLOC_ARENA_MAX=2 MALLOC_TRIM_THRESHOLD_=131072 MALLOC_MMAP_THRESHOLD_=65536
ENTRYPOINT ["/usr/bin/boinc_exporter"]
