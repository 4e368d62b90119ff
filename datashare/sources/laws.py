"""法律依据: the acts on which the platform may ask, each with the clauses that were read.

A clause is *verified* only if its wording was read in public material; the others are well-known
regulations whose clause is still to be compared with the original.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Law:
    """法条 clauses of one act, e.g. 《社会救助暂行办法》第58条."""

    title: str
    clauses: str  # "8、9"; empty for the whole document
    english: str
    verified: bool

    @property
    def text(self) -> str:
        """As cited in Chinese."""
        return f"{self.title}第{self.clauses}条" if self.clauses else self.title

    @property
    def english_text(self) -> str:
        clauses = self.clauses.replace("、", ", ")
        return f"{self.english}, art. {clauses}" if clauses else self.english


@dataclass(frozen=True, slots=True)
class Act:
    """法律文件. ``read``: its clauses that were read in public material."""

    title: str
    english: str
    read: frozenset[str] = frozenset()

    def clause(self, *numbers: int) -> Law:
        """These clauses as one law; verified only if each of them was read."""
        written = tuple(map(str, numbers))
        verified = bool(written) and self.read.issuperset(written)
        return Law(self.title, "、".join(written), self.english, verified)


def _act(title: str, english: str, *read: int) -> Act:
    return Act(title, english, frozenset(map(str, read)))


# What every question also rests on: the applicant consents and the departments verify together.
HOUSING = _act(
    "《公共租赁住房管理办法》", "Measures for Public Rental Housing (Order 11)", 7, 8, 10
)
ASSISTANCE = _act(
    "《社会救助暂行办法》", "Interim Measures for Social Assistance", 37, 38, 39, 40, 58, 68
)
ZJ_ASSISTANCE = _act(
    "《浙江省社会救助条例》",
    "Zhejiang Regulations on Social Assistance",
    *(11, 13, 29, 30, 32, 48, 50, 51, 55),
)
IDENTITY_CARD = _act("《居民身份证法》", "Law on Resident Identity Cards")
HOUSEHOLD = _act("《户口登记条例》", "Regulations on Household Registration")
RESIDENCE = _act("《居住证暂行条例》", "Interim Regulations on Residence Permits")
CIVIL_CODE = _act("《民法典》", "Civil Code")
MARRIAGE = _act("《婚姻登记条例》", "Regulations on Marriage Registration")
ORPHANS = _act(
    "《关于加强孤儿保障工作的意见》（国办发〔2010〕54号）",
    "Opinions on the Protection of Orphans (Guobanfa [2010] No. 54)",
)
DISABLED = _act("《残疾人保障法》", "Law on the Protection of Disabled Persons")
DEATHS = _act(
    "《关于进一步规范人口死亡医学证明和信息登记管理工作的通知》（国卫规划发〔2013〕57号）",
    "Notice on Medical Certificates and Records of Death (Guowei Guihua [2013] No. 57)",
)
FUNERALS = _act("《殡葬管理条例》", "Regulations on Funerals")
EDUCATION = _act("《教育法》", "Education Law")
REAL_ESTATE = _act("《不动产登记暂行条例》", "Interim Regulations on Real Estate Registration")
PRESALE = _act("《城市商品房预售管理办法》", "Measures for the Presale of Urban Housing")
URBAN_PROPERTY = _act("《城市房地产管理法》", "Urban Real Estate Administration Law")
DEED_TAX = _act("《契税法》", "Deed Tax Law")
SOCIAL_INSURANCE = _act("《社会保险法》", "Social Insurance Law")
FUND = _act("《住房公积金管理条例》", "Regulations on Housing Provident Funds")
ROAD_TRAFFIC = _act("《道路交通安全法》", "Road Traffic Safety Law")
COMPANIES = _act(
    "《企业信息公示暂行条例》", "Interim Regulations on Enterprise Information Disclosure"
)
