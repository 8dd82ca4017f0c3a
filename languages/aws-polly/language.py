"""AWS Polly: a query is a JSON request for speech, and is answered with its sound."""

from polykernel_runner.language import EvaluationServer

name = "aws-polly"
query = EvaluationServer(
    argv=("/opt/polykernel/env/bin/python", "-I", "-m", "polykernel_polly", "{socket}"),
    keeps_state=False,
)
env = {
    "AWS_DEFAULT_REGION": "ap-northeast-2",
    # Credentials come from the environment or a role, not from files that somebody left.
    "AWS_CONFIG_FILE": "/dev/null",
    "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
}
