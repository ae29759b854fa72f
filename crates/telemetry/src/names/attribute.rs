//! Attributes of spans and metrics.

/// The method of a request or notification.
pub const METHOD: &str = "mcp.method.name";
/// The protocol version of a message.
pub const PROTOCOL_VERSION: &str = "mcp.protocol.version";
/// The session of a legacy client. Its digest: the id itself would let a reader of traces take the session over.
pub const SESSION: &str = "mcp.session.id";
/// The address of a resource, without its query.
pub const RESOURCE: &str = "mcp.resource.uri";
/// The id of a request.
pub const REQUEST: &str = "jsonrpc.request.id";
/// The name of a tool.
pub const TOOL: &str = "gen_ai.tool.name";
/// The name of a prompt.
pub const PROMPT: &str = "gen_ai.prompt.name";
/// What a generative model's program does; of a tool call always [`super::EXECUTE_TOOL`].
pub const OPERATION: &str = "gen_ai.operation.name";
/// The code of a JSON-RPC error.
pub const STATUS: &str = "rpc.response.status_code";
/// What kind of failure it was.
pub const ERROR: &str = "error.type";
/// `tcp`, `unix` or `pipe`.
pub const TRANSPORT: &str = "network.transport";
/// Which host a request goes to.
pub const ADDRESS: &str = "server.address";
/// Which port a request goes to.
pub const PORT: &str = "server.port";
/// The upstream by its name in the configuration.
pub const UPSTREAM: &str = "tutti.upstream";
/// What a provider of models is: `openai`, `anthropic`, `gcp.gemini`, `aws.bedrock` (conventions for generative models).
pub const GEN_PROVIDER: &str = "gen_ai.provider.name";
/// The model that is asked for, as who is asked names it.
pub const REQUEST_MODEL: &str = "gen_ai.request.model";
/// How many tokens were read.
pub const INPUT_TOKENS: &str = "gen_ai.usage.input_tokens";
/// How many tokens were written.
pub const OUTPUT_TOKENS: &str = "gen_ai.usage.output_tokens";
/// How many tokens were read from the provider's cache.
pub const CACHE_READ_TOKENS: &str = "gen_ai.usage.cache_read.input_tokens";
/// The method of a request over HTTP.
pub const HTTP_METHOD: &str = "http.request.method";
/// The path of a request over HTTP, without what clients may make up.
pub const HTTP_ROUTE: &str = "http.route";
/// A model at a provider.
pub const DEPLOYMENT: &str = "tutti.deployment";
/// How a route puts its deployments in order.
pub const STRATEGY: &str = "tutti.strategy";
/// Whether an answer of a model was kept before.
pub const CACHE: &str = "tutti.cache";
/// What a client says that a request is part of.
pub const RUN: &str = "tutti.run";
/// What a request cost, in nano-dollars.
pub const COST: &str = "tutti.cost.nano_dollars";
/// A provider of models.
pub const PROVIDER: &str = "tutti.provider";
/// A name under which clients ask for models.
pub const ROUTE: &str = "tutti.route";
/// The view that a client sees.
pub const VIEW: &str = "tutti.view";
/// Who a client is, by the name of its key.
pub const PRINCIPAL: &str = "tutti.principal";
/// A stable code, such as `T-0204`.
pub const CODE: &str = "tutti.error.code";
/// Where an upstream stands.
pub const STATE: &str = "tutti.state";
/// `in` or `out`.
pub const DIRECTION: &str = "tutti.direction";
/// `traces` or `metrics`.
pub const SIGNAL: &str = "tutti.signal";
/// What became of something.
pub const RESULT: &str = "tutti.result";
/// Why something happened.
pub const REASON: &str = "tutti.reason";
/// What had no place in the dialect of a provider, or of the client.
pub const LOST: &str = "tutti.lost";
/// What something is about: `tool` or `query`.
pub const SUBJECT: &str = "tutti.subject";
/// The share of all that does not exceed a number.
pub const QUANTILE: &str = "tutti.quantile";
/// What is spoken over [`TRANSPORT`].
pub const PROTOCOL: &str = "network.protocol.name";
/// The status of an HTTP answer.
pub const HTTP_STATUS: &str = "http.response.status_code";
/// The version of a program.
pub const VERSION: &str = "version";
/// The name of the program, as a resource.
pub const SERVICE: &str = "service.name";
/// The version of the program, as a resource.
pub const SERVICE_VERSION: &str = "service.version";
/// This process among all of its name, as a resource.
pub const SERVICE_INSTANCE: &str = "service.instance.id";
/// The process, as a resource.
pub const PROCESS: &str = "process.pid";
