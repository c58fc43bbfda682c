# What to do, and what to answer, in three lines. Input: the request, then every account there is:
#   {"name", "tag": UUID of the Waldur resource or null, "description", "status", "limits": {}, "members": {NAME: {}}}
# An account without a tag was made by hand. It is a resource's own only where Waldur carries its name.

.[0] as {$hook, $arguments} |
.[1:] as $accounts |

# Errors of the protocol are thrown as objects; anything else that goes wrong is a string, and ends the program.
def not_ready($text): error({kind: "not_ready", $text});
def refuse($text): error({kind: "backend_error", $text});

def named($name): first($accounts[] | select(.name == $name)) // null;

def own($ref):
    first($accounts[] | select(.tag == $ref.resource_uuid))
    // (if $ref.backend_id == "" then null else named($ref.backend_id) end | if .tag == null then . else null end);

def required($ref):
    own($ref) // not_ready("there is no account of resource \($ref.resource_uuid) (\($ref.slug)) any more");

def checked:
    if test("^[a-z0-9][a-z0-9_.-]{0,59}$") then .
    else refuse("\(tojson) cannot be an account's name: at most 60 of a-z, 0-9, _, . and -; change the slug in Waldur")
    end;

# The names that a new account may have, the best first. Resources of one project may have to share its name.
def candidates($ref):
    (if $ref.name_policy == "project_slug" then $ref.project.slug else $ref.slug end) as $slug |
    if $slug == "" then not_ready("Waldur tells no slug for resource \($ref.resource_uuid); set one there") else
        ($ENV.PREFIX // "") + $slug | ascii_downcase | checked |
        ., (if $ref.name_policy == "project_slug" then "\(.)-\(range(9))" else empty end)
    end;

def free_name($ref):
    first((if $ref.backend_id == "" then candidates($ref) else $ref.backend_id end) | select(named(.) == null))
    // refuse("account \([candidates($ref)][0] | tojson) is there already and is not this resource's; rename one");

def state($ref):
    own($ref) as $own |
    if $own then
        {exists: true, backend_id: $own.name, limits: $own.limits, members: $own.members, status: $own.status}
    else
        try {exists: false, backend_id: free_name($ref)}
        catch ({exists: false} + if type == "object" and .kind == "backend_error" then {conflict: .text} else {} end)
    end;

# Changed or not: what is the same is not written.
def changed($account; $new): {answer: {result: ($account != $new)}, write: (if $account == $new then null else $new end)};

def amounts: map_values(tostring);

def decide:
    if $hook == "describe" then
        {answer: {result: {name: "files in \($ENV.ACCOUNTS)", version: "1", hooks: [
            "review_order", "list_accounts", "create_account", "set_limits", "set_status", "delete_account",
            "add_member", "remove_member", "set_member_limits"]}}}
    elif $hook == "review_order" then
        {answer: {result: (
            if $arguments.order.type != "Create" then {verdict: "accept"} else
                try (first(candidates($arguments.order.ref)) | {verdict: "accept"})
                catch ({verdict: (if .kind == "not_ready" then "wait" else "reject" end), text: .text})
            end)}}
    elif $hook == "list_accounts" then
        {answer: {result: ($arguments.refs | map({key: .resource_uuid, value: state(.)}) | from_entries)}}
    elif $hook == "create_account" then
        $arguments.ref as $ref |
        if own($ref) then {answer: {result: own($ref).name}} else
            {name: free_name($ref), tag: $ref.resource_uuid, description: $ref.name, status: "active",
             limits: {}, members: {}} |
            {answer: {result: .name}, write: .}
        end
    elif $hook == "set_limits" then
        required($arguments.ref) | changed(.; .limits += ($arguments.change.wanted | amounts))
    elif $hook == "set_status" then
        required($arguments.ref) | changed(.; .status = $arguments.status)
    elif $hook == "delete_account" then
        $arguments.ref as $ref | own($ref) as $own |
        if $own then {answer: {result: true}, remove: $own.name}
        elif $ref.backend_id != "" and named($ref.backend_id) then
            refuse("account \($ref.backend_id | tojson) is not this resource's and is left alone")
        else {answer: {result: false}} end
    elif $hook == "add_member" then
        required($arguments.ref) | changed(.; .members[$arguments.member.username] //= {})
    elif $hook == "remove_member" then
        required($arguments.ref) | changed(.; del(.members[$arguments.member.username]))
    elif $hook == "set_member_limits" then
        required($arguments.ref) | $arguments.member.username as $user | $arguments.change as $change |
        if .members[$user] == null then not_ready("\($user) is not a member of \(.name)") else
            changed(.; .members[$user] |= (
                with_entries(select(.key as $key | $change.previous | has($key) | not)) + ($change.wanted | amounts)))
        end
    else
        error("this program does not answer \($hook)")
    end;

(try decide catch (if type == "object" then {answer: {error: .}} else error end)) |
(if .write then "write \(.write.name)" elif .remove then "remove \(.remove)" else "nothing" end),
(.write | tojson),
(.answer | tojson)
