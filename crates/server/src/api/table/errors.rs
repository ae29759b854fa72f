//! The errors that single paths of the API may end with.

use base::Code;

/// What may be wrong with the store and what is sealed in it.
pub(super) const STORE: &[Code] = &[Code::Internal, Code::StoreFailed, Code::VaultSealed];

/// Why a server that is asked for may not work.
pub(super) const UPSTREAM: &[Code] = &[
    Code::ConfigVariableMissing,
    Code::SecretMissing,
    Code::ConfigInvalidValue,
    Code::UpstreamNotStarted,
    Code::UpstreamExited,
    Code::UpstreamStartTimeout,
    Code::UpstreamCallTimeout,
    Code::UpstreamUnreachable,
    Code::UpstreamRefused,
    Code::UpstreamBackingOff,
    Code::UpstreamAnswerTooLarge,
    Code::UpstreamProtocol,
    Code::UpstreamEra,
    Code::UpstreamBusy,
    Code::UpstreamDisabled,
    Code::UpstreamCatalogue,
    Code::UpstreamSessionLost,
    Code::UpstreamUnpinned,
    Code::OpenApiDocument,
    Code::OpenApiFetch,
    Code::OpenApiRedirect,
    Code::LoginNeeded,
    Code::ScopeNeeded,
];

/// What may be wrong with an authorization server, or with what it is shown.
pub(super) const AUTHORITY: &[Code] = &[
    Code::OauthDiscovery,
    Code::OauthMetadata,
    Code::AddressForbidden,
    Code::ClientUnregistered,
    Code::OauthRefused,
    Code::IssuerChanged,
    Code::OauthUnreachable,
    Code::ClientKey,
];

pub(super) const VIEWS: &[Code] = &[Code::UnknownView];
pub(super) const SEARCHED: &[Code] = &[Code::ServerUnknown];
pub(super) const STOPPING: &[Code] = &[Code::Interrupted, Code::NotReady, Code::ServerUnknown];
pub(super) const NO_OAUTH: &[Code] = &[Code::NoOauth];
pub(super) const NO_LOGIN: &[Code] = &[Code::LoginMixedUp, Code::LoginExpired, Code::UpstreamUnreachable];
pub(super) const SECRET: &[Code] = &[Code::SecretUnknown, Code::SecretInUse];
pub(super) const APPROVAL: &[Code] = &[Code::ApprovalRefused, Code::ApprovalStale, Code::UpstreamDisabled];
/// Where a model is named.
pub(super) const MODEL: &[Code] = &[Code::ModelUnknown, Code::KeyRestricted];
/// Where an answer of a model is named.
pub(super) const ANSWER: &[Code] = &[Code::AnswerUnknown];

/// Where a prompt is named.
pub(super) const PROMPT: &[Code] = &[
    Code::InvalidParams,
    Code::PromptFile,
    Code::PromptMissing,
    Code::PromptVersion,
    Code::PromptArguments,
    Code::PromptTemplate,
    Code::PromptExperiment,
];

/// Where workflows are started.
pub(super) const WORKFLOW: &[Code] = &[
    Code::InvalidParams,
    Code::WorkflowMissing,
    Code::WorkflowArguments,
    Code::RunEntryInvalid,
    Code::JournalUnreadable,
    Code::PathNotFound,
];

/// Where something is read that runs remember.
pub(super) const MEMORY: &[Code] = &[Code::InvalidParams, Code::MemoryUnknown, Code::PathNotFound];

/// Where a run is named.
pub(super) const RUN: &[Code] = &[
    Code::InvalidParams,
    Code::RunUnknown,
    Code::RunFinished,
    Code::RunConflict,
    Code::RunEntryInvalid,
    Code::RunDefinitionUnknown,
    Code::RunPayloadUnknown,
    Code::JournalUnreadable,
    Code::PathNotFound,
];

/// Where somebody decides at a run.
pub(super) const GATE: &[Code] = &[Code::GateUnknown, Code::GateForbidden];

/// Where a client starts a run.
pub(super) const STARTED: &[Code] = &[Code::ClientRate, Code::KeyRestricted];

/// Where somebody starts a run who may not call what its steps surely call.
pub(super) const REFUSED: &[Code] = &[Code::UnknownTool, Code::ModelUnknown];

/// Where events outside start runs.
pub(super) const WEBHOOK: &[Code] = &[
    Code::WebhookUnknown,
    Code::WebhookSignature,
    Code::WebhookSecret,
    Code::WebhookBody,
    Code::WorkflowEvaluation,
    Code::ClientRate,
    Code::BodyTooLarge,
    Code::BodyTooSlow,
    Code::UnsupportedMediaType,
];
