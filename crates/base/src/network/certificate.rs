//! What to do about a server whose certificate is not trusted.

use rustls::CertificateError;

/// What a person can do where a connection failed because of the server's certificate; nothing where it failed otherwise.
/// That the check could be left out is no advice, and there is no way to do so.
pub fn advice(error: &std::io::Error) -> Option<&'static str> {
    let rustls::Error::InvalidCertificate(fault) = error.get_ref()?.downcast_ref()? else { return None };
    Some(match fault {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "that server's certificate must be renewed, by whoever runs it; see too whether the clock of this machine is right"
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "see whether the clock of this machine is right"
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "the certificate is for another host: correct `url`, or do not trust that server"
        }
        CertificateError::Revoked => "the certificate was revoked: do not trust that server",
        _ => {
            "if that server is yours, add the certificate of its authority to the operating system's store, or name the file \
             with all that you trust in SSL_CERT_FILE; otherwise do not trust that server"
        }
    })
}
