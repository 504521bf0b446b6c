"""A company is a folder: what makes a hotline this company's, read, checked, and made anew."""

from agent.company.check import check_company, seats_outside, warnings_of
from agent.company.company import Companies, Company, load_companies, load_company
from agent.company.new import new_company
from agent.company.problem import Problem
from agent.company.profile import Profile, is_open

__all__ = [
    "Companies",
    "Company",
    "Problem",
    "Profile",
    "check_company",
    "is_open",
    "load_companies",
    "load_company",
    "new_company",
    "seats_outside",
    "warnings_of",
]
