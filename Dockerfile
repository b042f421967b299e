# docker build --build-arg REVISION="$(git describe --always --dirty)" --tag boinc_exporter .
# docker run --read-only --cap-drop=ALL --security-opt=no-new-privileges --publish 31415:31415 \
#     --volume /etc/boinc_exporter:/etc/boinc_exporter:ro boinc_exporter
#
# Both images are pinned by tag, which takes in their security updates with each build. For a build that can be
# repeated, pin what a tag stands for at that moment: FROM IMAGE:TAG@sha256:DIGEST.

FROM rust:1-slim-bookworm AS build
WORKDIR /src
COPY Cargo.toml Cargo.lock build.rs ./
COPY benches benches
COPY src src
# The repository is not in the build, so the revision is said.
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
# The user `nonroot` of the image, by number, so that Kubernetes can see that it is not root.
USER 65532:65532
EXPOSE 31415
# Knows the configuration file and the environment, not the flags that the container was started with.
HEALTHCHECK --interval=30s --timeout=10s --start-period=5s CMD ["/usr/bin/boinc_exporter", "healthcheck"]
# What is freed goes back to the system: a third of the memory with a thousand clients (docs/PERFORMANCE.md).
ENV MALLOC_ARENA_MAX=2 MALLOC_TRIM_THRESHOLD_=131072 MALLOC_MMAP_THRESHOLD_=65536
ENTRYPOINT ["/usr/bin/boinc_exporter"]
