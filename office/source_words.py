"""Plain words (说明) for what the exchange with departments calls by codes.

A code never stands alone on a page: an administrator reads what happened and what the platform
does about it, and finds the code beside it for the runbook.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _

# every kind of datashare.gateway.faults.VERDICTS → what happened
FAULTS: dict[str, Any] = {
    "quota": _("超出调用配额（代码18）"),
    "timeout": _("超时没有答复"),
    "http_500": _("对方服务出错"),
    "garbage": _("答复无法解析"),
    "empty": _("答复内容为空"),
    "connection": _("连接中断"),
    "signature": _("签名被拒（代码03或14）"),
    "secret_expired": _("请求密钥过期（代码11）"),
    "http_400": _("对方不接受这样的请求"),
    "stopped": _("没有发出：配额用完，正在休息"),
    "throttled": _("没有发出：本平台的配额暂时用完"),
    "resting": _("没有发出：连续失败，暂停询问"),
    "no_store": _("没有发出：平台暂时读不到配额"),
    "dry_run": _("没有发出：演练模式只记录"),
    "no_authority": _("没有发出：缺少授权或法定依据"),
    "no_token": _("没有取得访问密钥"),
    "somebody_else": _("答复的是另一个人，已拒收"),
    "stale": _("答复是多年前的旧数据"),
    "unreadable": _("记录内容看不懂"),
    "unknown_code": _("返回了没有说明的代码"),
    "upstream": _("归口部门报告出错"),
    "pages": _("答复分页过多，没有取全"),
    "shape": _("答复格式没有见过"),
    "internal": _("平台自身出错"),
}
# every verdict → what the platform does then
VERDICTS: dict[str, Any] = {
    "retry": _("马上再试几次，仍不行就过一会儿自动再查"),
    "renew": _("换一对密钥再问"),
    "stop": _("停止询问这个来源，配额恢复后再查"),
    "final": _("这一次不再重复，过一会儿自动再查"),
    "unknown": _("既不当作有，也不当作没有；自动再查，由人核对"),
}
PURPOSES: dict[str, Any] = {
    "eligibility_check": _("资格核对"),
    "annual_recheck": _("年度复核"),
    "household_draft": _("带出家庭成员"),
    "commitment_check": _("核实承诺"),
    "deceased_check": _("核实是否离世"),
    "proactive_discovery": _("主动发现"),
    "interface_check": _("接口检查"),
}
SENSITIVITY: dict[str, Any] = {
    "general": _("一般"),
    "sensitive": _("敏感个人信息"),
}
LATENCY: dict[str, Any] = {
    "instant": _("即时答复"),
    "slow": _("即时答复，较慢"),
    "ordered": _("先委托，几个工作日后出具"),
}


def fault(kind: str) -> Any:
    """What happened; a kind that nobody has described stays a code."""
    return FAULTS.get(kind, kind)


def purpose(code: str) -> Any:
    """What a source may be asked for."""
    return PURPOSES.get(code, code)


def sensitivity(code: str) -> Any:
    """How carefully the answers are kept."""
    return SENSITIVITY.get(code, code)
