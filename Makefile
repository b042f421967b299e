# `make test` is everything that a change must pass; it installs what it needs where that is missing.

.PHONY: test tools check bench pictures

# Half of the time tests wait for other programs, so there may be twice as many at a time as processors. A failure stops none.
test: tools check
	RUST_TEST_THREADS=$$((2 * $$(nproc))) cargo test --locked --no-fail-fast

# Beside what cargo itself can get: a BOINC client, Prometheus, Chromium, jsonnet, Grafana's panel components, and parsers.
tools:
	.ci/tools

check:
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --document-private-items

# Prints ratios and what a task, a client and a sample cost. Takes a quarter of an hour, and wants the computer for itself.
bench: tools
	cargo bench --locked

# Draws docs/images anew, from simulated clients. Takes some minutes. Look at what comes of it.
pictures: tools
	cargo test --locked --test dashboards -- --ignored pictures
