//! The floor: a reverse proxy that reads nothing and parses nothing. No hub over HTTP can cost less than about this.

use std::{convert::Infallible, sync::Arc};

use anyhow::{Context, Result};
use bench::serve;
use clap::Parser;
use http_body_util::{Either, Full};
use hyper::{
    Request, Response, StatusCode, Uri,
    body::{Bytes, Incoming},
    http::uri::{Authority, Scheme},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo},
};

#[derive(Parser)]
struct Args {
    /// URL of the server to forward to; paths are kept as the client sends them
    #[arg(long)]
    upstream: Uri,
}

type Body = Either<Incoming, Full<Bytes>>;

struct Proxy {
    client: Client<HttpConnector, Incoming>,
    upstream: Authority,
}

impl Proxy {
    async fn forward(&self, mut request: Request<Incoming>) -> Result<Response<Body>> {
        let mut target = std::mem::take(request.uri_mut()).into_parts();
        target.scheme = Some(Scheme::HTTP);
        target.authority = Some(self.upstream.clone());
        *request.uri_mut() = Uri::from_parts(target).context("the request has no usable path")?;
        let response = self.client.request(request).await.context("the upstream did not answer")?;
        Ok(response.map(Either::Left))
    }

    async fn answer(&self, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
        Ok(self.forward(request).await.unwrap_or_else(|error| {
            let mut response = Response::new(Either::Right(Full::from(format!("{error:#}"))));
            *response.status_mut() = StatusCode::BAD_GATEWAY;
            response
        }))
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let args = Args::parse();
    let upstream = args.upstream.authority().context("--upstream must be a full URL, http://host:port/path")?.clone();
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client = Client::builder(TokioExecutor::new()).build(connector);
    let proxy = Arc::new(Proxy { client, upstream });

    let (listener, url) = serve::bind().await?;
    serve::announce(&url)?;
    loop {
        let (stream, _) = listener.accept().await.context("cannot accept connections")?;
        stream.set_nodelay(true).context("cannot set TCP_NODELAY")?;
        let proxy = Arc::clone(&proxy);
        tokio::spawn(async move {
            let service = service_fn(|request| proxy.answer(request));
            // A client that goes away in the middle of an exchange is its own affair.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}
