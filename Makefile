# `make test` is everything that a change must pass; it installs what it needs where that is missing.

.PHONY: test corpora tools check dist dry-dist minimum-rust advisories bench fuzz soak pictures

# Half of the time tests wait for other programs, so there may be twice as many at a time as processors. A failure stops none.
test: tools check corpora dry-dist
	RUST_TEST_THREADS=$$((2 * $$(nproc))) cargo test --locked --no-fail-fast

# Each fuzz target over its corpora. What both need is built once.
corpora:
	cargo test --locked --manifest-path fuzz/Cargo.toml --target-dir target --no-fail-fast

# Beside what cargo itself can get: a BOINC client, Prometheus, Chromium, jsonnet, Grafana's panel components, and parsers.
tools:
	.ci/tools

check:
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	cargo fmt --manifest-path fuzz/Cargo.toml --check
	cargo clippy --locked --manifest-path fuzz/Cargo.toml --target-dir target --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --document-private-items

# A release below target/dist, for the processors for which this computer can build.
dist: tools
	deploy/tools
	deploy/dist

# The same for this processor, and not optimized: whether the scripts work, in a fraction of the time. And what there is for a Mac.
dry-dist: tools
	deploy/tools
	deploy/dist --dry $$(uname -m)-unknown-linux-musl
	deploy/macos/check

# Whether the oldest Rust that Cargo.toml promises compiles it. Needs rustup and its servers.
minimum-rust:
	rustup toolchain install --profile minimal $(RUST)
	cargo +$(RUST) check --locked --all-targets
RUST = $(shell sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)

# Known vulnerabilities in dependencies. Fetches RustSec's database; the rest of deny.toml is checked by `make test`.
advisories:
	deploy/tools cargo-deny
	PATH="$$PWD/target/tools/bin:$$PATH" cargo deny check advisories

# Prints ratios and what a task, a client and a sample cost. Takes a quarter of an hour, and wants the computer for itself.
bench: tools
	cargo bench --locked

# Fuzzes each target for so many seconds, on one processor. What it finds is below target/fuzz, as TARGET-crash-…
SECONDS = 600
fuzz:
	fuzz/run $(SECONDS) $(TARGETS)

# Scrapes a simulated fleet that does not rest for so many minutes, in which sixty times as many pass for its clients.
MINUTES = 30
soak:
	SOAK_MINUTES=$(MINUTES) cargo test --release --locked --test exporter -- --ignored --exact --nocapture soak::soak

# Draws docs/images anew, from simulated clients. Takes some minutes. Look at what comes of it.
pictures: tools
	cargo test --locked --test dashboards -- --ignored pictures
