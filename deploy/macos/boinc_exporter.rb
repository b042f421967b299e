# Homebrew's formula, filled by deploy/manifests.
class BoincExporter < Formula
  desc "Prometheus exporter for BOINC clients"
  homepage "@HOME@"
  version "@VERSION@"
  license "Apache-2.0"

  on_arm do
    url "@URL@/boinc_exporter-@VERSION@.darwin-arm64.tar.gz"
    sha256 "@SHA256 darwin-arm64.tar.gz@"
  end
  on_intel do
    url "@URL@/boinc_exporter-@VERSION@.darwin-amd64.tar.gz"
    sha256 "@SHA256 darwin-amd64.tar.gz@"
  end

  def install
    bin.install "boinc_exporter"
    (etc/"boinc_exporter").install "config.example.toml" => "config.toml"
  end

  service do
    run [opt_bin/"boinc_exporter", "--config.file", etc/"boinc_exporter/config.toml"]
    keep_alive true
    error_log_path var/"log/boinc_exporter.log"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/boinc_exporter --version")
  end
end
