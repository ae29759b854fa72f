//! The one table of everything that can go wrong in a way that a user meets.
//!
//! A row gives the stable code, the metric label, the HTTP status, the JSON-RPC error code, the exit code of the
//! command line, and one line of meaning. Each row has a page `docs/errors/T-nnnn.md`; `cargo xtask tidy` checks that.
//! Codes are never renumbered or given another meaning: people search for them.

macro_rules! codes {
    ($($(#[$attribute:meta])* $name:ident = $id:literal, $label:literal, $http:literal, $rpc:literal, $exit:literal, $summary:literal;)*) => {
        /// A stable error code. See the table in this module's source for what each carries.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[$attribute])* #[doc = $summary] $name,)* }

        impl Code {
            /// Every code, in the order of their numbers.
            pub const ALL: &[Code] = &[$(Code::$name,)*];

            /// The stable identifier, such as `T-0201`.
            pub const fn id(self) -> &'static str { match self { $(Code::$name => $id,)* } }

            /// A low-cardinality label for metrics and logs.
            pub const fn label(self) -> &'static str { match self { $(Code::$name => $label,)* } }

            /// The HTTP status that an answer with this error has.
            pub const fn http_status(self) -> u16 { match self { $(Code::$name => $http,)* } }

            /// The JSON-RPC error code that a client sees.
            pub const fn json_rpc(self) -> i32 { match self { $(Code::$name => $rpc,)* } }

            /// The exit code of a command that ends with this error.
            pub const fn exit(self) -> u8 { match self { $(Code::$name => $exit,)* } }

            /// One line that says what the code means.
            pub const fn summary(self) -> &'static str { match self { $(Code::$name => $summary,)* } }
        }
    };
}

// Exit codes: 1 failed, 2 usage, 3 config, 4 authentication, 5 not found, 6 conflict, 7 unavailable or timeout,
// 8 denied, 9 partial, 10 verification failed, 130 interrupted.
// JSON-RPC: -32700 to -32603 as JSON-RPC 2.0 says; -32020 to -32022 as MCP 2026-07-28 says; -32000 to -32019 are ours, but
// for -32002: legacy clients know it as a resource that is not there.
codes! {
    Internal = "T-0001", "internal", 500, -32603, 1, "Something in Tutti itself went wrong";
    Interrupted = "T-0002", "interrupted", 503, -32003, 130, "The command or the hub was told to stop";
    Disk = "T-0003", "disk", 500, -32603, 1, "A file or folder could not be read or written";

    ConfigUnreadable = "T-0101", "config_unreadable", 500, -32603, 3, "The configuration file cannot be read";
    ConfigSyntax = "T-0102", "config_syntax", 500, -32603, 3, "The configuration file is not valid YAML, JSON or TOML";
    ConfigUnknownKey = "T-0103", "config_unknown_key", 500, -32603, 3, "The configuration has a key that Tutti does not know";
    ConfigInvalidValue = "T-0104", "config_invalid_value", 500, -32603, 3, "A value in the configuration has the wrong type or is out of range";
    ConfigVariableMissing = "T-0105", "config_variable_missing", 500, -32603, 3, "The configuration uses a variable that is not set";
    ConfigNameInvalid = "T-0106", "config_name_invalid", 500, -32603, 3, "A name in the configuration has characters or a length that clients refuse";
    ConfigNameClash = "T-0107", "config_name_clash", 500, -32603, 3, "Two things would have the same name";
    ConfigTooLarge = "T-0108", "config_too_large", 500, -32603, 3, "The configuration is larger or deeper than Tutti reads";
    ImportUnrecognised = "T-0109", "import_unrecognised", 500, -32603, 3, "The file is of no known client format";
    SecretMissing = "T-0110", "secret_missing", 500, -32603, 3, "The configuration uses a secret that is not in the vault";

    UpstreamNotStarted = "T-0201", "upstream_not_started", 502, -32010, 7, "The command of an upstream could not be started";
    UpstreamExited = "T-0202", "upstream_exited", 502, -32010, 7, "The process of an upstream ended";
    UpstreamStartTimeout = "T-0203", "upstream_start_timeout", 504, -32011, 7, "An upstream did not become ready in time";
    UpstreamCallTimeout = "T-0204", "upstream_call_timeout", 504, -32011, 7, "An upstream did not answer a call in time";
    UpstreamUnreachable = "T-0205", "upstream_unreachable", 502, -32010, 7, "The address of an upstream cannot be reached";
    UpstreamRefused = "T-0206", "upstream_refused", 502, -32012, 4, "An upstream refused the connection";
    UpstreamBackingOff = "T-0207", "upstream_backing_off", 503, -32010, 7, "An upstream failed and is not tried again yet";
    UpstreamAnswerTooLarge = "T-0208", "upstream_answer_too_large", 502, -32013, 1, "An upstream's message is larger than the limit";
    UpstreamProtocol = "T-0209", "upstream_protocol", 502, -32014, 1, "An upstream broke the protocol";
    UpstreamEra = "T-0210", "upstream_era", 502, -32014, 1, "An upstream speaks no protocol version that Tutti speaks";
    UpstreamBusy = "T-0211", "upstream_busy", 503, -32010, 7, "An upstream has as many calls in flight as it may";
    UpstreamDisabled = "T-0212", "upstream_disabled", 503, -32010, 7, "An upstream is switched off or was removed";
    UpstreamCatalogue = "T-0213", "upstream_catalogue", 502, -32014, 1, "An upstream's list is too long, endless or malformed";
    UpstreamSessionLost = "T-0214", "upstream_session_lost", 502, -32010, 7, "An upstream does not know its session any more";
    UpstreamHeldBack = "T-0215", "upstream_held_back", 503, -32010, 7, "An upstream fails so often that calls to it are held back";
    UpstreamRate = "T-0216", "upstream_rate", 429, -32015, 7, "More calls than an upstream or tool is to get in this time";
    UpstreamPaused = "T-0217", "upstream_paused", 503, -32010, 7, "An upstream asked to be left alone for a while";
    UpstreamUnpinned = "T-0218", "upstream_unpinned", 503, -32010, 8, "A server's program is a package of no fixed version, and that is forbidden";

    OpenApiDocument = "T-0220", "openapi_document", 502, -32014, 3, "An OpenAPI document cannot be used";
    OpenApiFetch = "T-0221", "openapi_fetch", 502, -32010, 7, "An OpenAPI document cannot be read or fetched";
    OpenApiArgument = "T-0222", "openapi_argument", 400, -32602, 2, "An argument cannot be sent to an API in its place";
    OpenApiStatus = "T-0223", "openapi_status", 502, -32010, 1, "An API answered with an error status";
    OpenApiRedirect = "T-0224", "openapi_redirect", 502, -32010, 1, "An API leads to another address";
    OpenApiTemplate = "T-0225", "openapi_template", 500, -32603, 1, "A template for an API's requests or answers failed";
    OpenApiAnswer = "T-0226", "openapi_answer", 502, -32014, 1, "An API's answer is not what its document promises";

    ParseError = "T-0301", "parse_error", 400, -32700, 2, "The message is not valid JSON";
    InvalidRequest = "T-0302", "invalid_request", 400, -32600, 2, "The message is JSON but not a JSON-RPC 2.0 message";
    MethodNotFound = "T-0303", "method_not_found", 404, -32601, 5, "The method is not known here";
    InvalidParams = "T-0304", "invalid_params", 400, -32602, 2, "The parameters of a request are wrong";
    UnknownTool = "T-0305", "unknown_tool", 404, -32602, 5, "There is no tool of this name in this view";
    UnknownPrompt = "T-0306", "unknown_prompt", 404, -32602, 5, "There is no prompt of this name in this view";
    UnknownResource = "T-0307", "unknown_resource", 404, -32602, 5, "There is no resource with this URI in this view";
    InvalidCursor = "T-0308", "invalid_cursor", 400, -32602, 2, "The cursor was not given out by this hub";
    HeaderMismatch = "T-0309", "header_mismatch", 400, -32020, 2, "A header is missing or differs from the body";
    UnsupportedVersion = "T-0310", "unsupported_version", 400, -32022, 2, "The protocol version is not supported";
    SessionMissing = "T-0311", "session_missing", 400, -32600, 2, "A request that needs a session names none";
    SessionUnknown = "T-0312", "session_unknown", 404, -32001, 5, "The session is not known or has expired";
    TooManySessions = "T-0313", "too_many_sessions", 429, -32015, 7, "There are as many sessions as the hub keeps";
    BodyTooLarge = "T-0314", "body_too_large", 413, -32600, 2, "The body of a request is larger than the limit";
    TooDeep = "T-0315", "too_deep", 400, -32700, 2, "The JSON is nested deeper than the limit";
    BatchRefused = "T-0316", "batch_refused", 400, -32600, 2, "Batches are not part of the protocol";
    NotAcceptable = "T-0317", "not_acceptable", 406, -32600, 2, "The client accepts no content type that the hub can answer with";
    UnsupportedMediaType = "T-0318", "unsupported_media_type", 415, -32600, 2, "The body is not application/json";
    TooBusy = "T-0319", "too_busy", 503, -32003, 7, "The hub has as many requests in flight as it takes";
    UnknownView = "T-0320", "unknown_view", 404, -32001, 5, "There is no view of this name";
    DuplicateRequestId = "T-0321", "duplicate_request_id", 400, -32600, 2, "A request with this id is still in flight in this session";
    PathNotFound = "T-0322", "path_not_found", 404, -32001, 5, "Nothing is served under this path";
    MethodNotAllowed = "T-0323", "method_not_allowed", 405, -32600, 2, "The path does not take this HTTP method";
    BodyTooSlow = "T-0324", "body_too_slow", 408, -32600, 2, "The body of a request did not arrive in time";
    ClientRate = "T-0325", "client_rate", 429, -32015, 7, "A client sends more requests than it may in this time";
    StreamUnknown = "T-0326", "stream_unknown", 400, -32603, 7, "An answer cannot be taken up again";
    UnknownMode = "T-0327", "unknown_mode", 400, -32600, 2, "The address of the hub asks for a mode that there is not";
    WebSocketNeeded = "T-0330", "websocket_needed", 426, -32600, 2, "The path takes WebSockets, and the request asks for none that is served";
    ClientLacksCapability = "T-0340", "client_lacks_capability", 400, -32021, 1, "An upstream asked for something that the client does not take";
    RequestStateInvalid = "T-0341", "request_state_invalid", 400, -32602, 2, "The state of a call is not this hub's, not this client's, or too old";
    ToolLeftOut = "T-0342", "tool_left_out", 502, -32014, 1, "A tool of an upstream is against the specification and not shown";
    UnknownTask = "T-0343", "unknown_task", 404, -32602, 5, "There is no task with this id, or it is another client's";
    TaskNeeded = "T-0344", "task_needed", 400, -32021, 1, "The request needs tasks, and the client does not take them";
    TaskCancelled = "T-0345", "task_cancelled", 409, -32603, 1, "A task was cancelled, so it has no result";
    ToolQuarantined = "T-0346", "tool_quarantined", 403, -32004, 8, "A tool is not what was approved, and nobody has approved it as it is now";
    ApprovalRefused = "T-0347", "approval_refused", 403, -32004, 8, "An approval does not come from whoever runs the hub, or comes too late";
    ApprovalStale = "T-0348", "approval_stale", 409, -32603, 6, "A tool is not the one that was shown when it was approved";
    PlanInvalid = "T-0350", "plan_invalid", 400, -32602, 2, "A plan of tool calls cannot be read, or does not fit its tools";
    PlanReference = "T-0351", "plan_reference", 422, -32602, 1, "A reference of a plan points at nothing";
    PlanLimit = "T-0352", "plan_limit", 413, -32602, 1, "A plan asks for more than one plan may";
    PlanRule = "T-0353", "plan_rule", 403, -32004, 8, "A plan breaks a rule of whoever runs the hub";

    HostRefused = "T-0401", "host_refused", 403, -32004, 8, "The Host header names an address that is not served";
    OriginRefused = "T-0402", "origin_refused", 403, -32004, 8, "The Origin header names a page that may not call the hub";
    KeyMissing = "T-0403", "key_missing", 401, -32005, 4, "The hub wants a bearer key and none was sent";
    KeyWrong = "T-0404", "key_wrong", 401, -32005, 4, "The bearer key is not the hub's";
    KeyWeak = "T-0405", "key_weak", 500, -32603, 3, "The bearer key is too short or too easy to guess";
    KeyNeeded = "T-0406", "key_needed", 500, -32603, 3, "The hub will not listen beyond this machine without a bearer key";
    KeyInAddress = "T-0407", "key_in_address", 400, -32005, 4, "A credential was sent in the address, where it would be logged";
    KeyRestricted = "T-0408", "key_restricted", 403, -32004, 8, "The key opens the endpoints of the protocol, and this is for whoever runs the hub";
    LoginNeeded = "T-0411", "login_needed", 401, -32012, 4, "An upstream wants a login, and only a person can do it";
    ScopeNeeded = "T-0412", "scope_needed", 403, -32012, 8, "An upstream wants more rights than the login has";
    OauthDiscovery = "T-0413", "oauth_discovery", 502, -32014, 1, "It cannot be found out how to log in to an upstream";
    OauthMetadata = "T-0414", "oauth_metadata", 502, -32014, 8, "What an upstream or its authorization server says of itself must not be trusted";
    AddressForbidden = "T-0415", "address_forbidden", 502, -32014, 8, "A stranger named an address that Tutti does not go to";
    ClientUnregistered = "T-0416", "client_unregistered", 502, -32012, 4, "An authorization server does not know Tutti and takes no registration";
    OauthRefused = "T-0417", "oauth_refused", 502, -32012, 4, "An authorization server refused";
    IssuerChanged = "T-0418", "issuer_changed", 502, -32012, 8, "An upstream names another authorization server than the one that its credentials are for";
    LoginMixedUp = "T-0419", "login_mixed_up", 403, -32012, 8, "The answer to a login does not belong to it";
    LoginExpired = "T-0420", "login_expired", 409, -32012, 4, "No login waits for this answer, or nobody logged in in time";
    OauthUnreachable = "T-0421", "oauth_unreachable", 502, -32010, 7, "An authorization server cannot be reached or does not answer as one";
    NoOauth = "T-0422", "no_oauth", 409, -32602, 2, "The server has no `auth` in the configuration, so there is nothing to log in to";
    ClientKey = "T-0423", "client_key", 500, -32603, 3, "The private key of a client cannot be used";

    Usage = "T-0501", "usage", 400, -32602, 2, "The command line is wrong";
    HubUnreachable = "T-0502", "hub_unreachable", 502, -32010, 7, "No hub answers at this address";
    AddressInUse = "T-0503", "address_in_use", 500, -32603, 6, "The address to listen on is taken";
    ServerUnknown = "T-0504", "server_unknown", 404, -32001, 5, "There is no server of this name in the configuration";
    ServerExists = "T-0505", "server_exists", 409, -32602, 6, "There is a server of this name already";
    ToolFailed = "T-0506", "tool_failed", 200, -32603, 1, "The tool ran and reported an error";
    CodeUnknown = "T-0507", "code_unknown", 404, -32001, 5, "There is no error code of this name";
    FileExists = "T-0508", "file_exists", 409, -32603, 6, "The file exists already";
    ClientUnknown = "T-0509", "client_unknown", 404, -32001, 5, "There is no client of this name that Tutti can connect";
    DoctorRed = "T-0510", "doctor_red", 500, -32603, 1, "The doctor found something that does not work";
    ServersFailed = "T-0511", "servers_failed", 502, -32010, 9, "Some servers work and some do not";
    HubAnswer = "T-0512", "hub_answer", 502, -32603, 1, "The hub answered with an error";
    RegistryFetch = "T-0513", "registry_fetch", 502, -32603, 7, "An MCP registry cannot be reached, or does not answer as one";

    FilesOutsideRoot = "T-0601", "files_outside_root", 403, -32602, 8, "The path leads out of the folder that is served";
    FilesReadOnly = "T-0602", "files_read_only", 403, -32602, 8, "The folder is served read-only";
    FilesNotFound = "T-0603", "files_not_found", 404, -32602, 5, "There is no such file or folder";
    FilesTooLarge = "T-0604", "files_too_large", 413, -32602, 1, "The file or the answer is larger than the limit";
    FilesFailed = "T-0605", "files_failed", 500, -32602, 1, "The file system refused";
    FilesPrivate = "T-0606", "files_private", 403, -32602, 8, "The file holds secrets and is not served";

    StoreOpen = "T-0701", "store_open", 500, -32603, 1, "The store cannot be opened";
    StoreFailed = "T-0702", "store_failed", 500, -32603, 1, "The store could not read or write";
    StoreNewer = "T-0703", "store_newer", 500, -32603, 3, "The store was written by a newer Tutti";
    SecretWeak = "T-0704", "secret_weak", 500, -32603, 3, "The master secret is too short or too easy to guess";
    SecretFile = "T-0705", "secret_file", 500, -32603, 3, "The file with the master secret can be read by others";
    VaultSealed = "T-0706", "vault_sealed", 500, -32603, 4, "A credential in the store was sealed with another master secret";
    StoreDamaged = "T-0707", "store_damaged", 500, -32603, 3, "The store is damaged, or its file is no database";
    StoreTaken = "T-0708", "store_taken", 500, -32603, 6, "Another process has the store";
    SecretUnknown = "T-0709", "secret_unknown", 404, -32001, 5, "There is no secret of this name in the vault";
    SecretInUse = "T-0710", "secret_in_use", 409, -32602, 6, "The configuration uses a secret that is to be removed";
    RedisAway = "T-0711", "redis_away", 503, -32003, 7, "The Redis that replicas share is away";

    TelemetryExport = "T-0801", "telemetry_export", 502, -32603, 7, "Traces or metrics cannot be sent to their collector";
    NotReady = "T-0802", "not_ready", 503, -32010, 7, "A server that was asked for does not work";

    ModelUnknown = "T-0901", "model_unknown", 404, -32001, 5, "There is no model of this name here";
    ModelRequest = "T-0902", "model_request", 400, -32602, 2, "A request for a model cannot be read";
    ModelDialect = "T-0903", "model_dialect", 400, -32602, 2, "No provider of a model answers this kind of request";
    ModelUnreachable = "T-0904", "model_unreachable", 502, -32010, 7, "A provider of models cannot be reached";
    ModelBroken = "T-0905", "model_broken", 502, -32014, 1, "A provider's answer broke off, or is not what its dialect says";
    ModelTimeout = "T-0906", "model_timeout", 504, -32011, 7, "A model did not answer in time";
    ModelFailed = "T-0907", "model_failed", 502, -32010, 1, "A provider of models failed";
    ModelBusy = "T-0908", "model_busy", 429, -32015, 7, "A provider of models gets more requests than it takes";
    ModelCredential = "T-0909", "model_credential", 502, -32012, 4, "A provider of models does not take the hub's credential";
    ModelHeldBack = "T-0910", "model_held_back", 503, -32010, 7, "A provider of models fails so often that it is left alone for a while";
    ModelAnswerTooLarge = "T-0911", "model_answer_too_large", 502, -32013, 1, "A provider's answer is larger than the limit";
    ModelRefused = "T-0912", "model_refused", 400, -32602, 2, "A provider of models does not take a request";
    ModelLoss = "T-0913", "model_loss", 400, -32602, 2, "A request for a model, or its answer, has parts that the other side's dialect has no place for";
    BudgetSpent = "T-0914", "budget_spent", 429, -32015, 8, "A budget has too little left for a request";
    ModelPriceUnknown = "T-0915", "model_price_unknown", 503, -32603, 3, "A budget is to be kept, and nobody knows what a model costs";
    ModelUnfit = "T-0916", "model_unfit", 400, -32602, 2, "No deployment of a model may answer a request";
    ModelPrices = "T-0917", "model_prices", 502, -32603, 7, "The prices of models cannot be read anew";
    ModelFile = "T-0918", "model_file", 400, -32602, 3, "A file is no model file, or is broken";
    ModelPull = "T-0919", "model_pull", 502, -32603, 7, "A model cannot be fetched";
    AnswerUnknown = "T-0920", "answer_unknown", 404, -32602, 5, "An answer is not known that a score is for";
    ModelLimit = "T-0921", "model_limit", 429, -32015, 7, "A model is asked as much as its limits let through";
    ModelToolLimit = "T-0930", "model_tool_limit", 429, -32015, 7, "A model has called as many tools as it may for one request";

    PromptFile = "T-1001", "prompt_file", 500, -32603, 3, "A prompt file cannot be used";
    PromptMissing = "T-1002", "prompt_missing", 404, -32602, 5, "There is no prompt of this name in the library";
    PromptVersion = "T-1003", "prompt_version", 404, -32602, 5, "A prompt has no such version or label";
    PromptArguments = "T-1004", "prompt_arguments", 400, -32602, 2, "The arguments do not fit the parameters of a prompt";
    PromptTemplate = "T-1005", "prompt_template", 422, -32603, 1, "The template of a prompt failed";
    PromptSuite = "T-1006", "prompt_suite", 400, -32602, 3, "A suite of cases for prompts cannot be used";
    PromptBelow = "T-1007", "prompt_below", 422, -32603, 10, "A prompt did not reach the threshold of its suite";
    PromptExperiment = "T-1008", "prompt_experiment", 409, -32603, 6, "An experiment with a prompt cannot be done as it is asked for";
    PromptRepository = "T-1009", "prompt_repository", 500, -32603, 1, "A git repository of prompts cannot be read or written";

    WorkflowFile = "T-1101", "workflow_file", 500, -32603, 3, "A workflow file cannot be used";
    WorkflowTemplate = "T-1102", "workflow_template", 500, -32603, 3, "A template or condition of a workflow is none";
    WorkflowUnknown = "T-1103", "workflow_unknown", 500, -32603, 3, "A workflow uses a name that is not there";
    WorkflowCycle = "T-1104", "workflow_cycle", 500, -32603, 3, "Steps of a workflow wait for each other";
    WorkflowTool = "T-1105", "workflow_tool", 500, -32603, 3, "A workflow calls what is not there or not allowed";
    WorkflowType = "T-1106", "workflow_type", 500, -32603, 3, "A value in a workflow does not fit where it is used";
    WorkflowBudget = "T-1107", "workflow_budget", 500, -32603, 3, "What a step needs does not fit its budget";
    WorkflowEffect = "T-1108", "workflow_effect", 500, -32603, 3, "A step says that its effect is milder than it is";
    WorkflowTooLarge = "T-1109", "workflow_too_large", 500, -32603, 3, "A workflow is larger or deeper than Tutti takes";
    WorkflowArguments = "T-1110", "workflow_arguments", 400, -32602, 2, "The arguments do not fit the parameters of a workflow";
    WorkflowEvaluation = "T-1111", "workflow_evaluation", 422, -32603, 1, "A template of a workflow failed in a run";
    WorkflowTestFile = "T-1112", "workflow_test_file", 400, -32602, 3, "A file with tests of a workflow cannot be used";
    WorkflowTestFailed = "T-1113", "workflow_test_failed", 422, -32603, 10, "Tests of a workflow failed";
    WorkflowMissing = "T-1114", "workflow_missing", 404, -32602, 5, "There is no workflow of this name";

    RunUnknown = "T-1201", "run_unknown", 404, -32602, 5, "There is no run of this name";
    RunConflict = "T-1202", "run_conflict", 409, -32603, 6, "Somebody else has added to the journal of a run meanwhile";
    RunFenced = "T-1203", "run_fenced", 409, -32603, 6, "A worker has lost a run to another";
    RunFinished = "T-1204", "run_finished", 409, -32602, 6, "A run is at its end, and nothing is added to it";
    RunResultRecorded = "T-1205", "run_result_recorded", 409, -32603, 6, "A step of a run has its result already";
    RunEntryInvalid = "T-1206", "run_entry_invalid", 422, -32602, 2, "What is to be kept of a run is malformed or too large";
    RunDefinitionUnknown = "T-1207", "run_definition_unknown", 404, -32602, 5, "The definition of a workflow is not kept under this hash";
    RunPayloadUnknown = "T-1208", "run_payload_unknown", 404, -32602, 5, "A value of a run is not kept any more";
    JournalUnreadable = "T-1209", "journal_unreadable", 500, -32603, 3, "The journal of a run cannot be read";
    StepRejected = "T-1210", "step_rejected", 409, -32603, 8, "Nobody let a step of a run go on";
    StepExpired = "T-1211", "step_expired", 504, -32011, 1, "What a step of a run waited for did not come in time";
    StepUnsettled = "T-1212", "step_unsettled", 422, -32603, 1, "A step was done as often as it may, and its condition does not hold";
    StepInDoubt = "T-1213", "step_in_doubt", 409, -32603, 1, "Nobody knows whether a step was carried out, and it counts as failed";
    RunBudget = "T-1214", "run_budget", 429, -32015, 8, "A run has used up what it may";
    RunCancelled = "T-1215", "run_cancelled", 409, -32603, 1, "A run, or a step of one, was cancelled";
    GateUnknown = "T-1216", "gate_unknown", 409, -32602, 5, "Nobody is asked there, or something else than was seen";
    GateForbidden = "T-1217", "gate_forbidden", 403, -32003, 8, "Another is to decide there, or nothing may be changed";

    MemoryInvalid = "T-1301", "memory_invalid", 422, -32602, 2, "What is to be remembered is malformed or too large";
    MemoryFull = "T-1302", "memory_full", 507, -32603, 1, "A memory holds as much as it may";
    MemoryUnknown = "T-1303", "memory_unknown", 404, -32602, 5, "Nothing is remembered there, or not any more";
    ContextOverflow = "T-1304", "context_overflow", 422, -32602, 1, "The context that a step must have does not fit its budget";
    ContextMissing = "T-1305", "context_missing", 422, -32602, 1, "The context that a step must have is not there";
    ContextSummary = "T-1306", "context_summary", 422, -32603, 1, "A summary that a step's context needs was not made";

    RunWaits = "T-1401", "run_waits", 422, -32603, 7, "A run goes on, and whoever asked for it waits no longer";
    RunFailed = "T-1402", "run_failed", 422, -32603, 1, "A run that was begun for an answer did not succeed";
    WebhookUnknown = "T-1403", "webhook_unknown", 404, -32602, 5, "No workflow has a webhook of this name";
    WebhookSignature = "T-1404", "webhook_signature", 401, -32005, 4, "A request to a webhook is not signed as it must be";
    WebhookSecret = "T-1405", "webhook_secret", 503, -32603, 3, "The secret that signs the requests to a webhook is not there";
    WebhookBody = "T-1406", "webhook_body", 400, -32602, 2, "The body of a request to a webhook cannot be read";
}

impl Code {
    /// Whether the error is about the hub's credentials at an upstream: asking the upstream in another way is of no use.
    pub const fn is_about_login(self) -> bool {
        matches!(
            self,
            Code::LoginNeeded
                | Code::ScopeNeeded
                | Code::OauthDiscovery
                | Code::OauthMetadata
                | Code::AddressForbidden
                | Code::ClientUnregistered
                | Code::OauthRefused
                | Code::IssuerChanged
                | Code::OauthUnreachable
                | Code::ClientKey
        )
    }

    /// The code whose identifier is `text`, in any case and with or without the `T-` (`t-0201`, `0201`, `201`).
    pub fn find(text: &str) -> Option<Code> {
        let digits = text.trim().trim_start_matches(['t', 'T']).trim_start_matches('-');
        let number: u32 = digits.parse().ok()?;
        Code::ALL.iter().copied().find(|code| code.id()[2..].parse() == Ok(number))
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.id())
    }
}

#[cfg(test)]
mod tests;
