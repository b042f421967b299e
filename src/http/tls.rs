//! TLS of the pages: from validated settings to rustls' configuration. Certificates and keys are read here.

mod allowed_sans;
mod x509;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use rustls::crypto::{CryptoProvider, SupportedKxGroup, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, RootCertStore, ServerConfig, SignatureScheme,
    SupportedCipherSuite, client::danger::HandshakeSignatureValid, version,
};
use secrecy::{ExposeSecret, SecretSlice, SecretString};

use self::allowed_sans::AllowedSans;
use crate::words::list;

/// The TLS settings of the pages.
#[derive(Debug)]
pub struct Tls {
    /// The server's certificate chain.
    pub certificate: Pem,
    /// The private key of its first certificate.
    pub key: Pem,
    /// The authorities that sign clients' certificates.
    pub client_ca: Option<Pem>,
    /// What is required of clients.
    pub client_auth: ClientAuth,
    /// The subject alternative names of which a client's certificate must have one; `None`: any client.
    pub client_allowed_sans: Option<Vec<String>>,
    /// Whether TLS 1.2 is offered.
    pub tls12: bool,
    /// Whether TLS 1.3 is offered.
    pub tls13: bool,
    /// In order of preference.
    pub suites: Vec<SupportedCipherSuite>,
    /// In order of preference.
    pub curves: Vec<&'static dyn SupportedKxGroup>,
    /// Whether the server's order of preference counts, not the client's.
    pub prefer_server_order: bool,
}

/// Certificates or a private key, with their key in the configuration.
#[derive(Debug)]
pub enum Pem {
    /// In the configuration itself.
    Inline {
        /// The key.
        key: String,
        /// The value.
        text: SecretString,
    },
    /// In a separate file.
    File {
        /// The key.
        key: String,
        /// The value.
        path: PathBuf,
    },
}

impl Pem {
    fn error(&self, problem: impl fmt::Display) -> String {
        match self {
            Self::Inline { key, .. } => format!(": `{key}` {problem}"),
            Self::File { key, path } => format!(": `{key}`, {}, {problem}", path.display()),
        }
    }
}

/// What is required of clients, as named in the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientAuth {
    /// `NoClientCert`: nothing.
    None,
    /// `RequestClientCert`: any certificate, or none.
    Request,
    /// `RequireAnyClientCert`: any certificate.
    RequireAny,
    /// `VerifyClientCertIfGiven`: a certificate of a known authority, or none.
    VerifyIfGiven,
    /// `RequireAndVerifyClientCert`: a certificate of a known authority.
    RequireAndVerify,
}

/// The cipher suites with these names, or all. Those of TLS 1.3 are always enabled.
///
/// # Errors
/// The end of a sentence.
pub fn suites(names: &[String]) -> Result<Vec<SupportedCipherSuite>, String> {
    // The standard writes TLS_, the library TLS13_.
    let name = |suite: &SupportedCipherSuite| format!("{:?}", suite.suite()).replace("TLS13_", "TLS_");
    let all = ring::DEFAULT_CIPHER_SUITES;
    if names.is_empty() {
        return Ok(all.to_vec());
    }
    let mut chosen = Vec::new();
    for wanted in names {
        let Some(suite) = all.iter().find(|suite| name(suite) == *wanted) else {
            let known: Vec<_> = all.iter().map(name).collect();
            return Err(unknown(wanted, &known.iter().map(String::as_str).collect::<Vec<_>>()));
        };
        if !chosen.contains(suite) {
            chosen.push(*suite);
        }
    }
    let always = all.iter().filter(|suite| suite.tls13().is_some() && !chosen.contains(suite));
    Ok(always.copied().chain(chosen.iter().copied()).collect())
}

/// The curves with these names, or all.
///
/// # Errors
/// The end of a sentence.
pub fn curves(names: &[String]) -> Result<Vec<&'static dyn SupportedKxGroup>, String> {
    let known: [(&str, &'static dyn SupportedKxGroup); 3] = [
        ("CurveP256", ring::kx_group::SECP256R1),
        ("CurveP384", ring::kx_group::SECP384R1),
        ("X25519", ring::kx_group::X25519),
    ];
    if names.is_empty() {
        return Ok(ring::ALL_KX_GROUPS.to_vec());
    }
    let find = |wanted: &String| {
        let found = known.iter().find(|(name, _)| name == wanted).map(|(_, curve)| *curve);
        found.ok_or_else(|| unknown(wanted, &known.map(|(name, _)| name)))
    };
    names.iter().map(find).collect()
}

fn unknown(wanted: &str, known: &[&str]) -> String {
    // No suggestion: a similar name may be a weaker cipher.
    format!("contains \"{wanted}\", which is not supported; valid names are {}", list(known, "and"))
}

/// What connections need, and when the certificate ends, if that can be read.
pub struct Served {
    pub config: ServerConfig,
    pub not_after: Option<SystemTime>,
}

/// Reads certificates and keys. Files are read by `read`, whose error is the end of a sentence.
///
/// # Errors
/// A sentence after the name of the configuration file.
pub fn server_config(
    tls: &Tls,
    mut read: impl FnMut(&PathBuf) -> Result<SecretSlice<u8>, String>,
) -> Result<Served, String> {
    let mut bytes = |pem: &Pem| match pem {
        Pem::Inline { text, .. } => Ok(SecretSlice::from(text.expose_secret().as_bytes().to_vec())),
        Pem::File { path, .. } => read(path).map_err(|problem| pem.error(problem)),
    };
    let chain = certificates(&tls.certificate, &bytes(&tls.certificate)?)?;
    let key = PrivateKeyDer::from_pem_slice(bytes(&tls.key)?.expose_secret()).map_err(|_| {
        tls.key.error(
            "contains no private key; it must be in PEM format, without a passphrase: -----BEGIN PRIVATE KEY-----",
        )
    })?;
    let roots = match &tls.client_ca {
        Some(pem) => Some((pem, certificates(pem, &bytes(pem)?)?)),
        None => None,
    };
    let provider = Arc::new(CryptoProvider {
        cipher_suites: tls.suites.clone(),
        kx_groups: tls.curves.clone(),
        ..ring::default_provider()
    });
    let not_after = chain.first().and_then(|certificate| x509::not_after(certificate));
    let verifier = restricted(verifier(tls.client_auth, roots, &provider)?, tls.client_allowed_sans.as_deref());
    let versions: &[_] = match (tls.tls12, tls.tls13) {
        (true, false) => &[&version::TLS12],
        (false, _) => &[&version::TLS13],
        (true, true) => &[&version::TLS13, &version::TLS12],
    };
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .map_err(|error| format!(": `tls_server_config` cannot be used: {error}"))?
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain, key)
        .map_err(|error| match error {
            Error::InconsistentKeys(_) => tls.key.error("does not belong to the certificate"),
            Error::InvalidCertificate(_) => tls.certificate.error("contains something that is not a certificate"),
            error => tls.key.error(format_args!("cannot be used: {error}")),
        })?;
    config.ignore_client_order = tls.prefer_server_order;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Served { config, not_after })
}

/// The verifier, which also checks the names in certificates if only some are allowed.
fn restricted(verifier: Arc<dyn ClientCertVerifier>, allowed: Option<&[String]>) -> Arc<dyn ClientCertVerifier> {
    match allowed {
        Some(allowed) => Arc::new(AllowedSans { verifier, allowed: allowed.to_vec() }),
        None => verifier,
    }
}

fn certificates(pem: &Pem, bytes: &SecretSlice<u8>) -> Result<Vec<CertificateDer<'static>>, String> {
    let none = || pem.error("contains no certificate; it must be in PEM format: -----BEGIN CERTIFICATE-----");
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(bytes.expose_secret()).collect();
    all.ok().filter(|all| !all.is_empty()).ok_or_else(none)
}

fn verifier(
    kind: ClientAuth,
    roots: Option<(&Pem, Vec<CertificateDer<'static>>)>,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ClientCertVerifier>, String> {
    let any = |mandatory| Arc::new(AnyCertificate { mandatory, provider: Arc::clone(provider) });
    let mandatory = match kind {
        ClientAuth::None => return Ok(WebPkiClientVerifier::no_client_auth()),
        ClientAuth::Request => return Ok(any(false)),
        ClientAuth::RequireAny => return Ok(any(true)),
        ClientAuth::VerifyIfGiven => false,
        ClientAuth::RequireAndVerify => true,
    };
    let Some((pem, certificates)) = roots else {
        return Err(": `tls_server_config.client_auth_type` requires `client_ca_file`".to_owned());
    };
    let unusable = || pem.error("contains a certificate that cannot be that of an authority");
    let mut store = RootCertStore::empty();
    for certificate in certificates {
        store.add(certificate).map_err(|_| unusable())?;
    }
    let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(store), Arc::clone(provider));
    let builder = if mandatory { builder } else { builder.allow_unauthenticated() };
    let verifier: Arc<dyn ClientCertVerifier> = builder.build().map_err(|_| unusable())?;
    Ok(verifier)
}

/// Accepts any certificate whose private key the client has, no matter who signed it.
#[derive(Debug)]
struct AnyCertificate {
    mandatory: bool,
    provider: Arc<CryptoProvider>,
}

impl ClientCertVerifier for AnyCertificate {
    fn client_auth_mandatory(&self) -> bool {
        self.mandatory
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        // It must at least be a certificate.
        rustls::server::ParsedCertificate::try_from(certificate)
            .map(|_| ClientCertVerified::assertion())
            .map_err(|_| Error::InvalidCertificate(CertificateError::BadEncoding))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
